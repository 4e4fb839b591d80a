import { describe, expect, test } from "vitest";
import { arga, call, queuedTwins, readyTwins, start } from "./arga-here.ts";

const detail = { detail: expect.any(String) };

describe("create", () => {
  test("answers an id and the first status", async () => {
    await start();
    const { status, body } = await call("POST", "/twin-runs", { twins: ["stripe"] });
    expect(status).toBe(200);
    expect(body).toEqual({
      run_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      status: "queued",
    });
  });

  test("takes every documented field", async () => {
    await start();
    const { status } = await call("POST", "/twin-runs", {
      twins: ["stripe", "stripe", "google_calendar"],
      ttl_minutes: 480,
      scenario_id: "preset-saas-billing",
      scenario_prompt: "three customers",
      scenario_generation_mode: "thorough",
      public: false,
      scenario: "quickstart",
      access_profile: "candidate_api_only",
    });
    expect(status).toBe(200);
    const [run] = arga.runs.values();
    expect(run).toMatchObject({
      twins: ["stripe", "google_calendar"],
      isPublic: false,
      baseline: "scenario",
    });
  });

  test("lives for 60 minutes when not told otherwise", async () => {
    await start();
    const run = await queuedTwins();
    expect(run.expiresAt).toBe(run.createdAt + 3_600_000);
  });

  test.each<[string, unknown, PropertyKey[]]>([
    ["no body", undefined, ["body"]],
    ["an array", [], ["body"]],
    ["no twins", {}, ["body", "twins"]],
    ["empty twins", { twins: [] }, ["body", "twins"]],
    ["twins as a string", { twins: "stripe" }, ["body", "twins"]],
    ["a number among the twins", { twins: ["stripe", 1] }, ["body", "twins", 1]],
    ["0 minutes", { twins: ["stripe"], ttl_minutes: 0 }, ["body", "ttl_minutes"]],
    ["481 minutes", { twins: ["stripe"], ttl_minutes: 481 }, ["body", "ttl_minutes"]],
    ["a fraction of a minute", { twins: ["stripe"], ttl_minutes: 1.5 }, ["body", "ttl_minutes"]],
    ["minutes as a string", { twins: ["stripe"], ttl_minutes: "60" }, ["body", "ttl_minutes"]],
    ["public as a string", { twins: ["stripe"], public: "no" }, ["body", "public"]],
    [
      "an unknown mode",
      { twins: ["stripe"], scenario_generation_mode: "slow" },
      ["body", "scenario_generation_mode"],
    ],
    ["an unknown field", { twins: ["stripe"], ttlMinutes: 60 }, ["body", "ttlMinutes"]],
  ])("refuses %s with 422 and says where", async (_, body, loc) => {
    await start();
    const answer = await call("POST", "/twin-runs", body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: [{ loc, msg: expect.any(String), type: expect.any(String) }] });
    expect(arga.runs.size).toBe(0);
  });

  test("refuses broken JSON, another content type, and more than 1 MB", async () => {
    await start();
    expect((await call("POST", "/twin-runs", "{twins")).status).toBe(422);
    const form = { contentType: "application/x-www-form-urlencoded" };
    expect((await call("POST", "/twin-runs", '{"twins":["stripe"]}', form)).status).toBe(422);
    const big = { twins: ["stripe"], scenario_prompt: "x".repeat(1_000_001) };
    expect((await call("POST", "/twin-runs", big)).status).toBe(413);
    expect(arga.runs.size).toBe(0);
  });

  test("refuses an unknown twin with 400 and names it", async () => {
    await start();
    const answer = await call("POST", "/twin-runs", { twins: ["stripe", "plaid"] });
    expect(answer).toMatchObject({ status: 400, body: { detail: "Unknown twins: plaid" } });
  });
});

describe("get", () => {
  test("goes through queued and provisioning to ready by itself", async () => {
    await start({ speed: 100 });
    const run = await queuedTwins();
    await arga.until(() => run.status === "ready");
    expect(run.history.map(({ status }) => status)).toEqual(["queued", "provisioning", "ready"]);
  });

  test("shows no twins, token or seed results before it is ready", async () => {
    await start();
    const run = await queuedTwins();
    const { body } = await call("GET", `/twin-runs/${run.runId}`);
    expect(body).toEqual({
      run_id: run.runId,
      status: "queued",
      twins: {},
      dashboard_url: expect.stringContaining(run.runId),
      expires_at: new Date(run.expiresAt ?? 0).toISOString(),
      is_public: true,
      error: null,
    });
  });

  test("shows each twin once it is ready", async () => {
    await start();
    const run = await readyTwins({ twins: ["stripe", "postgres"] });
    const host = `r${run.runId.replaceAll("-", "")}--stripe.sandbox.argalabs.com`;
    const { body } = await call("GET", `/twin-runs/${run.runId}`);
    expect(body).toMatchObject({
      status: "ready",
      proxy_token: run.proxyToken,
      seed_results: { stripe: { status: "skipped", reason: expect.any(String) } },
      twins: {
        stripe: {
          name: "stripe",
          label: "Stripe",
          base_url: `https://pub-${host}`,
          admin_url: `https://${host}`,
          env_vars: {
            STRIPE_API_KEY: expect.stringMatching(/^sk_test_\w{32}$/),
            STRIPE_SECRET_KEY: expect.stringMatching(/^sk_test_\w{32}$/),
            STRIPE_WEBHOOK_SECRET: expect.stringMatching(/^whsec_\w{32}$/),
          },
          show_in_ui: true,
          mcp_url: `https://pub-${host}/mcp`,
          mcp: { transport: "streamable_http", path: "/mcp", url: `https://pub-${host}/mcp` },
        },
        postgres: { show_in_ui: false, mcp_url: null, mcp: null, env_vars: {} },
      },
    });
  });

  test("gives every run secrets of its own, and the same ones each time", async () => {
    await start();
    const [first, second] = [await readyTwins(), await readyTwins()];
    expect(first.secrets.slack?.SLACK_BOT_TOKEN).toMatch(/^xoxb-/);
    expect(first.secrets.slack).not.toEqual(second.secrets.slack);
    const once = await call("GET", `/twin-runs/${first.runId}`);
    expect((await call("GET", `/twin-runs/${first.runId}`)).body).toEqual(once.body);
  });

  test("a private run has private hosts from the start", async () => {
    await start();
    const run = await readyTwins({ twins: ["salesforce"], public: false });
    const { body } = await call("GET", `/twin-runs/${run.runId}`);
    const url = `https://r${run.runId.replaceAll("-", "")}--salesforce.sandbox.argalabs.com`;
    expect(body).toMatchObject({
      is_public: false,
      twins: { salesforce: { base_url: url, admin_url: url, env_vars: { SALESFORCE_INSTANCE_URL: url } } },
    });
  });

  test.each(["GET", "POST"])(
    "%s answers 400 for an id that is no UUID and 404 for a stranger's",
    async (method) => {
      await start();
      const tail = method === "POST" ? "/teardown" : "";
      expect(await call(method, `/twin-runs/run_abc123${tail}`)).toMatchObject({ status: 400, body: detail });
      const strange = `/twin-runs/${crypto.randomUUID()}${tail}`;
      expect(await call(method, strange)).toMatchObject({ status: 404, body: detail });
    },
  );
});

describe("extend", () => {
  test("counts from now, so that less than what is left shortens the run", async () => {
    await start();
    const run = await readyTwins({ ttl_minutes: 60 });
    const before = Date.now();
    const { body } = await call("POST", `/twin-runs/${run.runId}/extend`, { ttl_minutes: 5 });
    expect(body).toEqual({ status: "extended", ttl_minutes: 5 });
    expect(run.expiresAt).toBeGreaterThanOrEqual(before + 300_000);
    expect(run.expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
  });

  test("takes 60 minutes without a body", async () => {
    await start();
    const run = await queuedTwins({ ttl_minutes: 1 });
    const { body } = await call("POST", `/twin-runs/${run.runId}/extend`);
    expect(body).toEqual({ status: "extended", ttl_minutes: 60 });
    expect(run.expiresAt).toBeGreaterThan(run.createdAt + 3_500_000);
  });

  test("can answer with expires_at instead", async () => {
    await start({ dialect: { extendReply: "expires_at" } });
    const run = await readyTwins();
    const { body } = await call("POST", `/twin-runs/${run.runId}/extend`, { ttl_minutes: 30 });
    expect(body).toEqual({ status: "extended", expires_at: new Date(run.expiresAt ?? 0).toISOString() });
  });

  test("moves the end", async () => {
    await start({ speed: 600 });
    const run = await readyTwins({ ttl_minutes: 480 });
    await call("POST", `/twin-runs/${run.runId}/extend`, { ttl_minutes: 1 });
    await arga.until(() => run.status === "expired");
  });

  test.each([0, 481, 2.5, "30", null])("refuses ttl_minutes %s with 422", async (ttl_minutes) => {
    await start();
    const run = await readyTwins();
    expect((await call("POST", `/twin-runs/${run.runId}/extend`, { ttl_minutes })).status).toBe(422);
  });
});

describe("lock", () => {
  test("moves the twins to their private hosts, once and for good", async () => {
    await start();
    const run = await readyTwins();
    const locked = { run_id: run.runId, is_public: false };
    const path = `/twin-runs/${run.runId}`;
    expect((await call("POST", `${path}/lock`)).body).toEqual({ ...locked, status: "locked" });
    expect((await call("POST", `${path}/lock`)).body).toEqual({ ...locked, status: "already_locked" });
    const { body } = await call("GET", path);
    expect(body).toMatchObject({ status: "ready", is_public: false, proxy_token: run.proxyToken });
    expect(JSON.stringify(body)).not.toContain("pub-r");
  });

  test("takes no body with fields", async () => {
    await start();
    const run = await readyTwins();
    expect((await call("POST", `/twin-runs/${run.runId}/lock`, { public: false })).status).toBe(422);
    expect((await call("POST", `/twin-runs/${run.runId}/lock`, {})).status).toBe(200);
  });
});
