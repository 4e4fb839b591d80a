import { describe, expect, test } from "vitest";
import {
  arga,
  call,
  PR_RUN,
  prRun,
  queuedTest,
  queuedTwins,
  readyTwins,
  start,
  urlRun,
} from "./arga-here.ts";

const text = expect.any(String);

describe("a dialect can have", () => {
  test.each([201, 202] as const)("%i for everything new, and 200 for the rest", async (createdStatus) => {
    await start({ dialect: { createdStatus } });
    const test_run = { prompt: "Buy", start_url: "https://a.example" };
    for (const [path, body] of [
      ["/twin-runs", { twins: ["stripe"] }],
      ["/validate/twins/provision", { twins: ["stripe"] }],
      ["/test-runs", test_run],
      ["/tests", { name: "Checkout", ...test_run }],
      ["/sandboxes", PR_RUN],
      ["/validate/url-run", { url: "https://a.example" }],
      ["/validate/pr-run", PR_RUN],
      ["/scenarios", { name: "Refunds" }],
      ["/scenarios/preset-saas-billing/twin-environment", undefined],
    ] as const) {
      expect([path, (await call("POST", path, body)).status]).toEqual([path, createdStatus]);
    }
    const [runId] = arga.runs.keys();
    expect((await call("POST", `/twin-runs/${runId}/extend`)).status).toBe(200);
    expect((await call("GET", "/test-runs")).status).toBe(200);
    expect((await call("POST", "/twin-runs", {})).status).toBe(422);
  });

  test("the id alone for a new twin run, and no field that may be absent", async () => {
    await start({ dialect: { createReply: "run_id", optionalFields: "absent" } });
    expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).body).toEqual({ run_id: text });
    const [runId = ""] = arga.runs.keys();
    arga.control.ready(runId);
    const { body } = await call("GET", `/twin-runs/${runId}`);
    expect(Object.keys(Object(body))).toEqual(["run_id", "status", "twins", "error"]);
    const run = await urlRun();
    const details = await call("GET", `/runs/${run.runId}`);
    expect(details.body).toMatchObject({ id: run.runId });
    expect(details.body).not.toHaveProperty("run_id");
  });

  test("empty variables and another dashboard", async () => {
    await start({ dialect: { envVars: "empty", dashboardUrl: "validate" } });
    const run = await readyTwins({ twins: ["slack"] });
    expect((await call("GET", `/twin-runs/${run.runId}`)).body).toMatchObject({
      dashboard_url: `https://app.argalabs.com/validate/${run.runId}`,
      twins: { slack: { env_vars: {} } },
    });
  });

  test("30 minutes where none were asked for", async () => {
    await start({ dialect: { defaultTtl: 30 } });
    const run = await queuedTwins();
    expect(run.expiresAt).toBe(run.createdAt + 1_800_000);
  });

  test("minutes that an extend adds to the end so far", async () => {
    await start({ dialect: { extendFrom: "end" } });
    const run = await readyTwins({ ttl_minutes: 60 });
    const end = run.expiresAt ?? 0;
    await call("POST", `/twin-runs/${run.runId}/extend`, { ttl_minutes: 5 });
    expect(Math.abs((run.expiresAt ?? 0) - end - 300_000)).toBeLessThan(50);
  });

  test("a catalog without a key", async () => {
    await start({ dialect: { catalogKey: false } });
    expect((await call("GET", "/twins", undefined, { key: null })).status).toBe(200);
    expect((await call("GET", "/validate/twins", undefined, { key: null })).status).toBe(401);
  });

  test("the other spelling of cancelled, for all kinds of runs", async () => {
    await start({ dialect: { cancelled: "canceled" } });
    const [twin, tested, validated] = [await queuedTwins(), await queuedTest(), await urlRun()];
    const cancelled = await call("POST", `/validate/${twin.runId}/cancel`);
    expect(cancelled.body).toEqual({ status: "canceled" });
    arga.control.tests.cancel(tested.id);
    arga.control.validations.cancel(validated.runId);
    const sandbox = arga.control.sandboxes.start({ ...PR_RUN, twins: [], ttlMinutes: 60 });
    arga.control.sandboxes.cancel(sandbox.sandboxId);
    for (const path of [
      `/twin-runs/${twin.runId}`,
      `/runs/${twin.runId}`,
      `/test-runs/${tested.id}`,
      `/runs/${validated.runId}`,
      `/sandbox-runs/${sandbox.sandboxId}`,
    ]) {
      expect((await call("GET", path)).body).toMatchObject({ status: "canceled" });
    }
  });

  test("git_branch in a validation run", async () => {
    await start({ dialect: { branchField: "git_branch" } });
    const { body } = await call("GET", `/runs/${(await prRun()).runId}`);
    expect(body).toMatchObject({ git_branch: "main" });
    expect(body).not.toHaveProperty("branch");
  });
});

describe("limits", () => {
  test("a key from an e-mail sign-up has so many provisions, on any plan", async () => {
    await start({ provisions: 2 });
    for (const path of ["/twin-runs", "/validate/twins/provision"]) {
      expect((await call("POST", path, { twins: ["stripe"] })).status).toBe(200);
    }
    expect(await call("POST", "/twin-runs", { twins: ["stripe"] })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("provisions remaining") },
    });
    expect((await queuedTest()).status).toBe("queued");
  });

  test("a test run's twins have to exist and fit the plan, its minutes too", async () => {
    await start({ plan: "free" });
    const body = { prompt: "Buy", start_url: "https://a.example" };
    const status = async (more: object) => (await call("POST", "/test-runs", { ...body, ...more })).status;
    expect(await status({ twins: ["plaid"] })).toBe(400);
    expect(await status({ twins: ["stripe", "slack"] })).toBe(403);
    expect(await status({ ttl_minutes: 11 })).toBe(403);
    expect(await status({ twins: ["stripe"], ttl_minutes: 10 })).toBe(200);
  });
});
