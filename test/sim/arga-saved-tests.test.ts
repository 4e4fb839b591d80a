import { describe, expect, test } from "vitest";
import type { ArgaOptions } from "../../sim/arga/server.ts";
import { arga, call, start as startAny, TARGET } from "./arga-here.ts";

const start = (options: ArgaOptions = {}) => startAny({ examples: false, ...options });

/** The id of a new saved test. */
async function saved(body: object = {}): Promise<string> {
  await call("POST", "/tests", { name: "Checkout", prompt: "Buy", start_url: TARGET, ...body });
  const id = [...arga.savedTests.keys()].at(-1);
  if (!id) throw new Error("no test was saved");
  return id;
}

describe.each(["/tests", "/runner/tests", "/demo-runner/tests"])("%s", (base) => {
  test("creates, gets, changes, runs and deletes", async () => {
    await start();
    const test_config = { steps: [{ action: "goto", fooBar: 1 }] };
    const created = await call("POST", base, {
      name: "Checkout",
      description: "the whole way",
      prompt: "Buy a shirt",
      start_url: TARGET,
      repo_full_name: "octo/shop",
      ci_enabled: true,
      tags: ["smoke"],
      test_config,
    });
    const [id] = arga.savedTests.keys();
    expect(created).toMatchObject({ status: 200 });
    expect(created.body).toEqual({
      id,
      name: "Checkout",
      description: "the whole way",
      repo_full_name: "octo/shop",
      ci_enabled: true,
      start_url: TARGET,
      prompt: "Buy a shirt",
      tags: ["smoke"],
      test_config_json: test_config,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await call("GET", `${base}/${id}`)).body).toEqual(created.body);
    expect((await call("GET", base)).body).toEqual({ tests: [created.body] });
    const changed = await call("PATCH", `${base}/${id}`, { name: "Pay", description: null });
    expect(changed.body).toMatchObject({ id, name: "Pay", description: null, tags: ["smoke"] });
    const run = await call("POST", `${base}/${id}/run`);
    expect(run.body).toMatchObject({ status: "queued", mode: "replay", test_config_json: test_config });
    expect((await call("DELETE", `${base}/${id}`)).body).toEqual({ id, status: "deleted" });
    expect((await call("GET", `${base}/${id}`)).status).toBe(404);
  });

  test("asks for a key", async () => {
    await start();
    expect((await call("GET", base, undefined, { key: null })).status).toBe(401);
  });
});

describe("saved tests", () => {
  test("a few are there from the start, unless the options say no", async () => {
    await start({ examples: true });
    expect(arga.savedTests.size).toBe(3);
    const { body } = await call("GET", "/tests?repo_full_name=myorg/myrepo");
    expect(body).toMatchObject({ tests: [{ name: "Checkout" }, { name: "Sign-up" }] });
    expect((await call("GET", "/tests?repo_full_name=no/such")).body).toEqual({ tests: [] });
  });

  test("take over what a run has recorded", async () => {
    await start();
    const run = arga.control.tests.start({ prompt: "Buy a shirt", startUrl: TARGET });
    arga.control.tests.finish(run.id);
    const { body } = await call("POST", "/tests", { name: "From a run", run_id: run.id });
    expect(body).toMatchObject({
      prompt: "Buy a shirt",
      start_url: TARGET,
      test_config_json: run.testConfig,
    });
    expect((await call("POST", "/tests", { name: "x", run_id: "nope" })).status).toBe(404);
  });

  test.each<[string, unknown]>([
    ["no body", undefined],
    ["no name", { prompt: "x" }],
    ["an empty name", { name: "" }],
    ["a repository without an owner", { name: "x", repo_full_name: "shop" }],
    ["tags that are a string", { name: "x", tags: "smoke" }],
    ["ci_enabled as a string", { name: "x", ci_enabled: "yes" }],
    ["an unknown field", { name: "x", ciEnabled: true }],
  ])("refuse %s with 422", async (_, body) => {
    await start();
    expect((await call("POST", "/tests", body)).status).toBe(422);
    expect(arga.savedTests.size).toBe(0);
  });

  test("refuse an empty name and unknown fields in a change, and change nothing", async () => {
    await start();
    const id = await saved();
    expect((await call("PATCH", `/tests/${id}`, { name: "" })).status).toBe(422);
    expect((await call("PATCH", `/tests/${id}`, { nmae: "x" })).status).toBe(422);
    expect(arga.savedTests.get(id)).toMatchObject({ name: "Checkout" });
  });

  test.each([
    ["GET", ""],
    ["PATCH", ""],
    ["DELETE", ""],
    ["POST", "/run"],
  ])("answer 404 to %s /tests/{unknown}%s", async (method, rest) => {
    await start();
    const body = method === "PATCH" ? { name: "x" } : undefined;
    expect((await call(method, `/tests/${crypto.randomUUID()}${rest}`, body)).status).toBe(404);
  });
});

describe("running a saved test", () => {
  test("takes every documented field; another prompt is recorded anew", async () => {
    await start();
    const id = await saved({ test_config: { steps: [] } });
    const { status, body } = await call("POST", `/tests/${id}/run`, {
      start_url: "https://other.example.com",
      prompt: "Sell it",
      twins: ["stripe"],
      ttl_minutes: 30,
      session_id: "s",
      repo: "octo/shop",
      branch: "main",
      pr_url: "https://github.com/octo/shop/pull/1",
      scenario_prompt: "late payer",
      trigger_source: "pr",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ prompt: "Sell it", start_url: "https://other.example.com", mode: "record" },
    });
  });

  test("refuses a sandbox that is not ready, an unknown scenario, and a test without a prompt", async () => {
    await start();
    const id = await saved();
    const spec = { repo: "octo/shop", branch: "main", twins: [], ttlMinutes: 60 };
    const { sandboxId } = arga.control.sandboxes.start(spec);
    const run = (body: object) => call("POST", `/tests/${id}/run`, body);
    expect((await run({ sandbox_id: sandboxId })).status).toBe(409);
    expect((await run({ scenario_id: "nope" })).status).toBe(404);
    expect((await run({ ttl_minutes: 481 })).status).toBe(422);
    arga.control.sandboxes.finish(sandboxId);
    expect((await run({ sandbox_id: sandboxId })).body).toMatchObject({ sandbox_id: sandboxId });
    const empty = await saved({ prompt: undefined });
    expect((await call("POST", `/tests/${empty}/run`)).status).toBe(400);
  });

  test("is charged to the Free plan", async () => {
    await start({ plan: "free", monthlyRuns: 1 });
    const id = await saved();
    expect((await call("POST", `/tests/${id}/run`)).status).toBe(200);
    expect((await call("POST", `/tests/${id}/run`)).status).toBe(403);
  });
});
