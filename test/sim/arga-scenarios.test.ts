import { describe, expect, test } from "vitest";
import { arga, call, start } from "./arga-here.ts";

async function saved(body: object = {}): Promise<string> {
  const answer = await call("POST", "/scenarios", { name: "Refunds", twins: ["stripe", "slack"], ...body });
  return String(Reflect.get(Object(answer.body), "id"));
}

const idsOf = (body: unknown) => (body as { name: string }[]).map(({ name }) => name);

describe("scenarios", () => {
  test("are listed as a bare array, by twin and tag, with presets only when asked for", async () => {
    await start();
    await saved({ tags: ["mine"] });
    const list = async (query: string) => idsOf((await call("GET", `/scenarios${query}`)).body);
    expect(await list("")).toEqual(["Refund week", "Refunds"]);
    expect(await list("?include_presets=true")).toEqual([
      ...["SaaS billing", "Support desk", "Refund week", "Refunds"],
    ]);
    expect(await list("?include_presets=false&twin=slack")).toEqual(["Refunds"]);
    expect(await list("?include_presets=true&tag=billing")).toEqual(["SaaS billing", "Refund week"]);
    expect(await list("?tag=mine&twin=gmail")).toEqual([]);
    expect((await call("GET", "/scenarios?include_presets=maybe")).status).toBe(422);
  });

  test("presets need no key and are listed in a shorter form", async () => {
    await start();
    const { body } = await call("GET", "/scenarios/presets?twin=gmail", undefined, { key: null });
    expect(body).toEqual([
      {
        id: "preset-support-desk",
        name: "Support desk",
        description: expect.any(String),
        twins: ["gmail", "slack"],
        tags: ["support"],
        is_preset: true,
      },
    ]);
    expect((await call("GET", "/scenarios/presets?tag=nope", undefined, { key: null })).body).toEqual([]);
    expect((await call("GET", "/scenarios/preset-support-desk")).body).toMatchObject({ is_preset: true });
  });

  test("none are there when the options say so", async () => {
    await start({ examples: false });
    expect((await call("GET", "/scenarios?include_presets=true")).body).toEqual([]);
  });

  test("keep every field, and the keys of seed_config exactly as they came", async () => {
    await start();
    const seed_config = { stripe: { fooBar: [{ snake_case: null }], "odd key": 1 }, Unknown: {} };
    const { status, body } = await call("POST", "/scenarios", {
      name: "Refunds",
      prompt: "Twenty orders",
      description: "Many",
      twins: ["stripe", "stripe"],
      seed_config,
      tags: ["a"],
      generation_mode: "thorough",
    });
    expect(status).toBe(200);
    const id = [...arga.scenarios.keys()].at(-1);
    expect(body).toEqual({
      id,
      name: "Refunds",
      description: "Many",
      prompt: "Twenty orders",
      twins: ["stripe"],
      seed_config,
      tags: ["a"],
      is_preset: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await call("GET", `/scenarios/${id}`)).body).toEqual(body);
  });

  test("get a seed from a prompt, and twins from a seed", async () => {
    await start();
    const prompted = await saved({ prompt: "Twenty orders" });
    expect(arga.scenarios.get(prompted)?.seedConfig).toEqual({
      ...{ stripe: { note: "Twenty orders" }, slack: { note: "Twenty orders" } },
    });
    const seeded = await saved({ twins: undefined, seed_config: { gmail: {} } });
    expect(arga.scenarios.get(seeded)?.twins).toEqual(["gmail"]);
  });

  test.each<[number, object]>([
    [422, { name: "" }],
    [422, { name: undefined }],
    [422, { seed_config: [] }],
    [422, { seed_config: "{}" }],
    [422, { tags: "a" }],
    [422, { generation_mode: "slow" }],
    [422, { seedConfig: {} }],
    [400, { twins: ["plaid"] }],
  ])("answer %i to %o, in POST and PUT", async (status, change) => {
    await start();
    const id = await saved();
    const body = { name: "x", ...change };
    expect((await call("POST", "/scenarios", body)).status).toBe(status);
    expect((await call("PUT", `/scenarios/${id}`, body)).status).toBe(status);
    expect(arga.scenarios.get(id)?.name).toBe("Refunds");
  });

  test("are replaced as a whole, and deleted", async () => {
    await start();
    const id = await saved({ description: "Many", tags: ["a"] });
    const { body } = await call("PUT", `/scenarios/${id}`, { name: "Returns", twins: ["slack"] });
    expect(body).toMatchObject({ id, name: "Returns", description: null, tags: [], twins: ["slack"] });
    expect((await call("DELETE", `/scenarios/${id}`)).body).toEqual({ id, status: "deleted" });
    expect((await call("GET", `/scenarios/${id}`)).status).toBe(404);
  });

  test("of others and unknown ones: 404; presets stay as they are: 403; no key: 401", async () => {
    await start();
    for (const [method, body] of [["GET"], ["PUT", { name: "x" }], ["DELETE"]] as const) {
      expect((await call(method, "/scenarios/nope", body)).status).toBe(404);
      expect((await call(method, "/scenarios/nope", body, { key: null })).status).toBe(401);
    }
    expect((await call("PUT", "/scenarios/preset-saas-billing", { name: "x" })).status).toBe(403);
    expect((await call("DELETE", "/scenarios/preset-saas-billing")).status).toBe(403);
    expect(arga.scenarios.get("preset-saas-billing")?.name).toBe("SaaS billing");
  });

  test.each(["/twin-runs", "/validate/twins/provision"])(
    "%s refuses an unknown one, or takes it when that is the dialect",
    async (path) => {
      await start();
      const body = { twins: ["stripe"], scenario_id: "nope" };
      expect(await call("POST", path, body)).toMatchObject({
        status: 404,
        body: { detail: "Scenario not found" },
      });
      expect(arga.runs.size).toBe(0);
      expect((await call("POST", path, { ...body, scenario_id: await saved() })).status).toBe(200);
      await arga.close();
      await start({ dialect: { unknownScenario: "accepted" } });
      expect((await call("POST", path, body)).status).toBe(200);
    },
  );

  test("long runs are the latest live twin run of each", async () => {
    await start();
    const id = await saved();
    for (let n = 0; n < 3; n += 1) await call("POST", "/twin-runs", { twins: ["stripe"], scenario_id: id });
    await call("POST", "/twin-runs", { twins: ["stripe"] });
    const [, second = "", third = ""] = arga.runs.keys();
    arga.control.teardown(third);
    expect((await call("GET", "/scenarios/long-runs")).body).toEqual([
      { scenario_id: id, run: { run_id: second, status: "queued" } },
    ]);
  });
});

describe("the twin environment of a scenario", () => {
  test("goes to ready by itself, with twins on hosts of its own", async () => {
    await start({ speed: 400 });
    const id = await saved();
    const path = `/scenarios/${id}/twin-environment`;
    const created = await call("POST", path, { public: true });
    const environment = arga.environments.get(id);
    expect(created.body).toEqual({
      id: environment?.id,
      scenario_id: id,
      status: "provisioning",
      requested_twins: ["stripe", "slack"],
      twins: {},
      run_id: environment?.runId,
      dashboard_url: `https://app.argalabs.com/runs/${environment?.runId}`,
      proxy_token: null,
      public: true,
      error: null,
      seed_results: null,
      last_seeded_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    await arga.until(() => environment?.status === "ready");
    const hex = environment?.id.replaceAll("-", "");
    expect((await call("GET", path)).body).toMatchObject({
      status: "ready",
      twins: {
        stripe: {
          base_url: `https://scn-${hex}--stripe.sandbox.argalabs.com`,
          admin_url: `https://r${hex}--stripe.sandbox.argalabs.com`,
          env_vars: { STRIPE_API_KEY: expect.any(String) },
        },
      },
      proxy_token: expect.any(String),
      seed_results: { stripe: { status: "seeded" }, slack: { status: "seeded" } },
      last_seeded_at: expect.any(String),
    });
  });

  test("is created once, also without a body, and listed", async () => {
    await start();
    const id = await saved();
    const path = `/scenarios/${id}/twin-environment`;
    const first = await call("POST", path);
    const second = await call("POST", path, { twins: ["stripe"], public: false });
    expect(second.body).toEqual(first.body);
    expect((await call("GET", "/scenario-twin-environments")).body).toEqual([first.body]);
  });

  test("takes twins of its own and can be private", async () => {
    await start();
    const id = await saved();
    await call("POST", `/scenarios/${id}/twin-environment`, { twins: ["gmail"], public: false });
    arga.control.environments.ready(id);
    const { body } = await call("GET", `/scenarios/${id}/twin-environment`);
    expect(body).toMatchObject({
      requested_twins: ["gmail"],
      public: false,
      twins: { gmail: { base_url: expect.stringMatching(/^https:\/\/r[0-9a-f]{32}--gmail/) } },
    });
  });

  test("is seeded again when it is ready, and only then", async () => {
    await start();
    const id = await saved();
    const path = `/scenarios/${id}/twin-environment`;
    expect((await call("POST", `${path}/reseed`)).status).toBe(404);
    await call("POST", path);
    expect((await call("POST", `${path}/reseed`)).status).toBe(400);
    arga.control.environments.ready(id);
    expect((await call("POST", `${path}/reseed`, { hard: true })).status).toBe(422);
    const { body } = await call("POST", `${path}/reseed`);
    expect(body).toMatchObject({ status: "ready", last_seeded_at: expect.any(String) });
  });

  test("is deleted, and goes with its scenario", async () => {
    await start();
    const id = await saved();
    const path = `/scenarios/${id}/twin-environment`;
    await call("POST", path);
    expect((await call("DELETE", path)).body).toMatchObject({ status: "deleted", twins: {} });
    expect((await call("GET", path)).status).toBe(404);
    await call("POST", path);
    await call("DELETE", `/scenarios/${id}`);
    expect((await call("GET", "/scenario-twin-environments")).body).toEqual([]);
  });

  test("that failed says why, and is made anew", async () => {
    await start();
    const id = await saved();
    const path = `/scenarios/${id}/twin-environment`;
    await call("POST", path);
    arga.control.environments.fail(id, "no capacity");
    expect((await call("GET", path)).body).toMatchObject({ status: "failed", error: "no capacity" });
    expect((await call("POST", path)).body).toMatchObject({ status: "provisioning", error: null });
  });

  test("refuses unknown scenarios, twins and fields, and callers without a key", async () => {
    await start({ plan: "free" });
    const id = await saved({ twins: ["stripe", "slack", "gmail"] });
    const path = `/scenarios/${id}/twin-environment`;
    expect((await call("POST", "/scenarios/nope/twin-environment")).status).toBe(404);
    expect((await call("POST", path, { twins: ["plaid"] })).status).toBe(400);
    expect((await call("POST", path, { twins: [] })).status).toBe(422);
    expect((await call("POST", path, { isPublic: true })).status).toBe(422);
    expect((await call("GET", "/scenario-twin-environments", undefined, { key: null })).status).toBe(401);
    // No plan limits its twins, which was observed live.
    expect((await call("POST", path)).status).toBe(200);
  });
});
