import { describe, expect, test } from "vitest";
import { arga, call, queuedSandbox, SANDBOX, start } from "./arga-here.ts";

describe.each(["/sandbox-runs", "/sandboxes"])("%s", (base) => {
  test("creates, gets, logs and deletes", async () => {
    await start();
    const created = await call("POST", base, SANDBOX);
    const [id] = arga.sandboxes.keys();
    const early = { sandbox_id: id, status: "queued", app_url: null, twins: {}, env_vars: {} };
    expect(created).toMatchObject({ status: 200 });
    expect(created.body).toEqual(early);
    expect((await call("GET", `${base}/${id}`)).body).toEqual(early);
    expect((await call("GET", `${base}/${id}/logs`)).body).toEqual({ sandbox_id: id, logs: [] });
    expect((await call("DELETE", `${base}/${id}`)).body).toEqual({ sandbox_id: id, status: "deleted" });
    expect((await call("GET", `${base}/${id}`)).body).toMatchObject({ status: "cancelled", twins: {} });
    expect((await call("DELETE", `${base}/${id}`)).status).toBe(400);
  });

  test("has no list, asks for a key, and does not know other ids", async () => {
    await start();
    expect((await call("GET", base)).status).toBe(405);
    expect((await call("POST", base, SANDBOX, { key: null })).status).toBe(401);
    for (const [method, rest] of [
      ["GET", ""],
      ["GET", "/logs"],
      ["DELETE", ""],
    ] as const) {
      expect((await call(method, `${base}/${crypto.randomUUID()}${rest}`)).status).toBe(404);
    }
  });
});

describe("create", () => {
  test("takes every documented field", async () => {
    await start();
    const { status } = await call("POST", "/sandbox-runs", {
      repo: "octo/shop",
      pr_url: "https://github.com/octo/shop/pull/1",
      twins: ["stripe"],
      scenario_id: "preset-saas-billing",
      scenario_prompt: "ignored",
      ttl_minutes: 480,
      env: { NODE_ENV: "test" },
      app_command: "npm start",
    });
    expect(status).toBe(200);
    expect([...arga.sandboxes.values()][0]).toMatchObject({ ttlMinutes: 480, prUrl: expect.any(String) });
  });

  test("takes the scenario's twins, or those that it finds, and 60 minutes", async () => {
    await start();
    await call("POST", "/sandboxes", {
      ...{ repo: "octo/shop", branch: "main", scenario_id: "preset-support-desk" },
    });
    await call("POST", "/sandboxes", { repo: "octo/shop", branch: "main" });
    const sandboxes = [...arga.sandboxes.values()];
    expect(sandboxes.map(({ twins }) => twins)).toEqual([["gmail", "slack"], ["stripe"]]);
    expect(sandboxes[0]).toMatchObject({ ttlMinutes: 60 });
  });

  test.each<[string, number, unknown]>([
    ["no body", 422, undefined],
    ["no repo", 422, { branch: "main" }],
    ["a repo without an owner", 422, { repo: "shop", branch: "main" }],
    ["a branch and a pull request", 400, { ...SANDBOX, pr_url: "https://github.com/octo/shop/pull/1" }],
    ["neither", 400, { repo: "octo/shop" }],
    ["an unknown twin", 400, { ...SANDBOX, twins: ["plaid"] }],
    ["an unknown scenario", 404, { ...SANDBOX, scenario_id: "nope" }],
    ["0 minutes", 422, { ...SANDBOX, ttl_minutes: 0 }],
    ["481 minutes", 422, { ...SANDBOX, ttl_minutes: 481 }],
    ["a variable that is a number", 422, { ...SANDBOX, env: { PORT: 1 } }],
    ["an unknown field", 422, { ...SANDBOX, ttlMinutes: 5 }],
  ])("refuses %s with %i", async (_, status, body) => {
    await start();
    const answer = await call("POST", "/sandbox-runs", body);
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveProperty("detail");
    expect(arga.sandboxes.size).toBe(0);
  });

  test("the Free plan caps time and twins, and is not charged", async () => {
    await start({ plan: "free" });
    const one = { ...SANDBOX, twins: ["stripe"] };
    expect((await call("POST", "/sandbox-runs", SANDBOX)).status).toBe(403);
    expect((await call("POST", "/sandbox-runs", { ...one, ttl_minutes: 11 })).status).toBe(403);
    expect((await call("POST", "/sandbox-runs", one)).status).toBe(200);
    expect((await call("GET", "/auth/me")).body).toMatchObject({
      plan_limits: { validation_runs_remaining: 10 },
    });
  });

  test("without the newest path only the older one is there", async () => {
    await start({ dialect: { canonicalSandboxRuns: false } });
    expect((await call("POST", "/sandbox-runs", SANDBOX)).status).toBe(404);
    expect((await call("POST", "/sandboxes", SANDBOX)).status).toBe(200);
  });
});

describe("a sandbox's way", () => {
  test("goes to ready by itself, with addresses, variables and logs", async () => {
    await start({ speed: 200 });
    const sandbox = await queuedSandbox({ env: { STRIPE_API_KEY: "mine", camelCase: "x" } });
    await arga.until(() => sandbox.status === "ready");
    const eight = sandbox.sandboxId.slice(0, 8);
    const twin = (name: string) => `https://${eight}-${name}.preview.argalabs.com`;
    const { body } = await call("GET", `/sandbox-runs/${sandbox.sandboxId}`);
    expect(body).toMatchObject({
      status: "ready",
      app_url: `https://${eight}-app.preview.argalabs.com`,
      twins: {
        stripe: {
          base_url: twin("stripe"),
          admin_url: twin("stripe"),
          env_vars: { STRIPE_API_KEY: expect.stringMatching(/^sk_test_/) },
        },
        slack: { base_url: twin("slack") },
      },
      env_vars: {
        STRIPE_API_KEY: "mine",
        camelCase: "x",
        SLACK_BOT_TOKEN: expect.stringMatching(/^xoxb-/),
      },
    });
    const { body: logs } = await call("GET", `/sandbox-runs/${sandbox.sandboxId}/logs`);
    expect(logs).toMatchObject({
      logs: [
        { type: "deploy", message: "Cloning octo/shop", timestamp: expect.any(String) },
        {},
        {},
        { type: "deploy", message: "Sandbox is ready" },
      ],
    });
  });

  test("fails when the branch says so", async () => {
    await start({ speed: 400 });
    const sandbox = await queuedSandbox({ branch: "broken" });
    await arga.until(() => sandbox.status === "failed");
    expect(sandbox.logs.at(-1)).toMatchObject({ type: "error", message: expect.stringContaining("Build") });
  });

  test("ends with its time to live", async () => {
    await start({ speed: 2_000 });
    const sandbox = await queuedSandbox({ ttl_minutes: 1 });
    await arga.until(() => sandbox.status === "expired");
  });

  test("is moved by hand", async () => {
    await start();
    const { sandboxes } = arga.control;
    const [first, second, third] = [await queuedSandbox(), await queuedSandbox(), await queuedSandbox()];
    sandboxes.step(first.sandboxId);
    expect(first.status).toBe("provisioning");
    sandboxes.finish(first.sandboxId);
    expect(first.status).toBe("ready");
    sandboxes.expire(first.sandboxId);
    sandboxes.fail(second.sandboxId, "no capacity");
    sandboxes.cancel(third.sandboxId);
    expect([first.status, second.status, third.status]).toEqual(["expired", "failed", "cancelled"]);
    expect(() => sandboxes.finish(first.sandboxId)).toThrow("Cannot make ready");
  });
});
