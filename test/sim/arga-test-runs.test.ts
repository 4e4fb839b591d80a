import { describe, expect, test } from "vitest";
import { arga, call, queuedTest, start, TARGET } from "./arga-here.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

describe.each(["/test-runs", "/runner/runs", "/demo-runner/runs"])("%s", (base) => {
  test("creates a queued run with all its fields", async () => {
    await start();
    const { status, body } = await call("POST", base, { prompt: "Buy a shirt", start_url: TARGET });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(UUID),
      status: "queued",
      mode: "record",
      source_run_id: null,
      start_url: TARGET,
      prompt: "Buy a shirt",
      sandbox_id: null,
      test_config_json: null,
      events_json: null,
      error_message: null,
      created_at: expect.stringMatching(ISO),
      updated_at: expect.stringMatching(ISO),
    });
  });

  test("gets, lists (newest first), reruns, takes messages and configs", async () => {
    await start();
    const first = await queuedTest();
    const second = await queuedTest({ prompt: "Sell it" });
    expect((await call("GET", `${base}/${first.id}`)).body).toMatchObject({ id: first.id });
    expect((await call("GET", base)).body).toMatchObject({ runs: [{ id: second.id }, { id: first.id }] });
    expect((await call("POST", `${base}/${first.id}/rerun`, {})).body).toMatchObject({
      source_run_id: first.id,
    });
    arga.control.tests.step(first.id);
    expect((await call("POST", `${base}/${first.id}/messages`, { message: "hi" })).status).toBe(200);
    const test_config = { steps: [] };
    expect((await call("PATCH", `${base}/${first.id}/config`, { test_config })).status).toBe(200);
  });

  test("asks for a key", async () => {
    await start();
    expect((await call("GET", base, undefined, { key: null })).status).toBe(401);
    expect((await call("POST", base, { prompt: "x" }, { key: "arga_sk_other" })).status).toBe(401);
  });
});

describe("create", () => {
  test("takes every documented field", async () => {
    await start();
    const scenario = [...arga.scenarios.keys()][0];
    const origin = {
      twins: ["stripe", "slack"],
      repo: "octo/shop",
      branch: "main",
      pr_url: "https://github.com/octo/shop/pull/1",
      scenario_id: scenario,
      scenario_prompt: "late payer",
      ttl_minutes: 480,
      trigger_source: "pr",
    };
    const run = await queuedTest(origin);
    expect(run.origin).toEqual(origin);
  });

  test.each<[string, unknown]>([
    ["no body", undefined],
    ["no prompt", { start_url: TARGET }],
    ["an empty prompt", { prompt: "", start_url: TARGET }],
    ["a prompt of 20,001 characters", { prompt: "x".repeat(20_001), start_url: TARGET }],
    ["a prompt that is a number", { prompt: 1, start_url: TARGET }],
    ["0 minutes", { prompt: "x", start_url: TARGET, ttl_minutes: 0 }],
    ["481 minutes", { prompt: "x", start_url: TARGET, ttl_minutes: 481 }],
    ["a repository without an owner", { prompt: "x", start_url: TARGET, repo: "shop" }],
    ["a config without steps", { prompt: "x", start_url: TARGET, test_config: {} }],
    ["a config that is a list", { prompt: "x", start_url: TARGET, test_config: [] }],
    ["an unknown field", { prompt: "x", startUrl: TARGET }],
  ])("refuses %s with 422", async (_, body) => {
    await start();
    const answer = await call("POST", "/test-runs", body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: [{ loc: expect.any(Array), msg: expect.any(String) }] });
    expect(arga.testRuns.size).toBe(0);
  });

  test("takes a prompt of 20,000 characters", async () => {
    await start();
    expect((await queuedTest({ prompt: "x".repeat(20_000) })).prompt).toHaveLength(20_000);
  });

  test.each([
    ["nothing", {}],
    ["an empty start_url", { start_url: "" }],
    ["a path", { start_url: "/checkout" }],
    ["another protocol", { start_url: "ftp://example.com" }],
  ])("refuses %s as its target, with 400 or as the dialect says", async (_, target) => {
    for (const inputRefusal of [400, 422] as const) {
      await start({ dialect: { inputRefusal } });
      const answer = await call("POST", "/test-runs", { prompt: "Buy a shirt", ...target });
      expect(answer).toMatchObject({ status: inputRefusal, body: { detail: expect.any(String) } });
      await arga.close();
    }
  });

  test("finds its target in the prompt", async () => {
    await start();
    const { body } = await call("POST", "/test-runs", { prompt: `Open ${TARGET}/cart, then pay` });
    expect(body).toMatchObject({ status: "queued", start_url: `${TARGET}/cart` });
  });

  test("refuses a sandbox that is not there (404) or not ready (409), and takes its app when it is", async () => {
    await start();
    const body = { prompt: "Buy a shirt", sandbox_id: crypto.randomUUID() };
    expect((await call("POST", "/test-runs", body)).status).toBe(404);
    const spec = { repo: "octo/shop", branch: "main", twins: [], ttlMinutes: 60 };
    const { sandboxId } = arga.control.sandboxes.start(spec);
    const refused = await call("POST", "/test-runs", { ...body, sandbox_id: sandboxId });
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("queued") } });
    arga.control.sandboxes.finish(sandboxId);
    expect((await call("POST", "/test-runs", { ...body, sandbox_id: sandboxId })).body).toMatchObject({
      sandbox_id: sandboxId,
      start_url: `https://${sandboxId.slice(0, 8)}-app.preview.argalabs.com`,
    });
  });

  test("refuses an unknown scenario with 404", async () => {
    await start();
    const body = { prompt: "x", start_url: TARGET, scenario_id: "nope" };
    expect((await call("POST", "/test-runs", body)).status).toBe(404);
  });

  test("is charged to the Free plan's counter, together with twin runs", async () => {
    await start({ plan: "free", monthlyRuns: 3 });
    const run = await queuedTest();
    await call("POST", "/twin-runs", { twins: ["stripe"] });
    await call("POST", `/test-runs/${run.id}/rerun`);
    expect((await call("GET", "/auth/me")).body).toMatchObject({
      plan_limits: { validation_runs_remaining: 0, validation_runs_limit: 3 },
    });
    const body = { prompt: "x", start_url: TARGET };
    expect((await call("POST", "/test-runs", body)).status).toBe(403);
    expect(arga.testRuns.size).toBe(2);
  });

  test("a used-up quota can be 429", async () => {
    await start({ plan: "free", monthlyRuns: 0, dialect: { quotaStatus: 429 } });
    const refused = await call("POST", "/test-runs", { prompt: "x", start_url: TARGET });
    expect(refused).toMatchObject({ status: 429, body: { detail: "Monthly free plan limit reached" } });
  });
});

describe("a run's way", () => {
  test("goes by itself from queued over its steps to complete, and records a config", async () => {
    await start({ speed: 400 });
    const run = await queuedTest({ prompt: "Fill in the name, click Pay, check that it says thanks" });
    const seen = new Set<string>();
    await arga.until(() => {
      seen.add(run.status);
      return run.status === "complete";
    });
    expect([...seen]).toEqual(["queued", "running", "complete"]);
    const { body } = await call("GET", `/test-runs/${run.id}`);
    expect(body).toMatchObject({
      status: "complete",
      error_message: null,
      events_json: [
        { timestamp: expect.stringMatching(ISO), type: "status", message: "Run started" },
        { type: "step", message: `Step 1/4: goto ${TARGET}` },
        { type: "step", message: "Step 2/4: fill Fill in the name" },
        { type: "step", message: "Step 3/4: click click Pay" },
        { type: "step", message: "Step 4/4: expect check that it says thanks" },
        { type: "status", message: "Run complete" },
      ],
      test_config_json: {
        version: 1,
        starting_url: TARGET,
        fallback: "agent",
        steps: [
          { id: "step-1", ordinal: 1, action: "goto", value: TARGET },
          { action: "fill" },
          { action: "click" },
          { action: "expect", expect: { type: "text", contains: "check that it says thanks" } },
        ],
      },
    });
  });

  test("fails at its last step when the prompt has a word for it", async () => {
    await start({ speed: 400 });
    const run = await queuedTest({ prompt: "This must fail" });
    await arga.until(() => run.status === "failed");
    const { body } = await call("GET", `/test-runs/${run.id}`);
    expect(body).toMatchObject({
      error_message: "Step 2 did not do what was expected",
      test_config_json: null,
    });
    expect(run.events.at(-1)).toMatchObject({ type: "error" });
  });

  test("grows by one event a step, and says when it changed", async () => {
    await start();
    const run = await queuedTest();
    for (const count of [1, 2, 3]) {
      arga.control.tests.step(run.id);
      const { body } = await call("GET", `/test-runs/${run.id}`);
      expect(body).toHaveProperty("events_json.length", count);
    }
    expect(run.status).toBe("running");
    arga.control.tests.step(run.id);
    expect(run.status).toBe("complete");
  });

  test("hangs, and is slow, when the prompt says so", async () => {
    await start({ speed: 400 });
    const stuck = await queuedTest({ prompt: "Get stuck" });
    const slow = await queuedTest({ prompt: "Go slowly" });
    await arga.until(() => slow.status === "complete");
    expect(stuck.status).toBe("running");
    expect(stuck.stepsDone).toBe(stuck.steps.length);
  });

  test("says completed when that is the dialect", async () => {
    await start({ dialect: { testSuccess: "completed" } });
    const run = await queuedTest();
    arga.control.tests.finish(run.id);
    expect((await call("GET", `/test-runs/${run.id}`)).body).toMatchObject({ status: "completed" });
  });

  test("counts its steps when that is the dialect", async () => {
    await start({ dialect: { testTotals: true } });
    const run = await queuedTest();
    arga.control.tests.finish(run.id);
    const totals = { passed: 2, failed: 0, total: 2, summary: "2 of 2 steps passed" };
    expect((await call("GET", `/test-runs/${run.id}`)).body).toMatchObject(totals);
    const failing = await queuedTest({ prompt: "fail" });
    while (failing.status !== "failed") arga.control.tests.step(failing.id);
    expect((await call("GET", `/test-runs/${failing.id}`)).body).toMatchObject({ passed: 1, failed: 1 });
  });

  test("can be failed and cancelled elsewhere, once, and then stands still", async () => {
    await start({ speed: 400 });
    const failing = await queuedTest();
    arga.control.tests.fail(failing.id, "no browser");
    const cancelled = await queuedTest();
    arga.control.tests.cancel(cancelled.id);
    const other = await queuedTest();
    await arga.until(() => other.status === "complete");
    expect([failing.status, failing.errorMessage]).toEqual(["failed", "no browser"]);
    expect(cancelled.status).toBe("cancelled");
    for (const act of [arga.control.tests.finish, arga.control.tests.step, arga.control.tests.cancel]) {
      expect(() => act(failing.id)).toThrow("Cannot");
    }
  });

  test("started elsewhere is listed, and charged to nobody", async () => {
    await start({ plan: "free", monthlyRuns: 1 });
    const { id } = arga.control.tests.start({ prompt: "A colleague's", startUrl: TARGET });
    expect((await call("GET", "/test-runs")).body).toMatchObject({ runs: [{ id, prompt: "A colleague's" }] });
    expect((await call("GET", "/auth/me")).body).toMatchObject({
      plan_limits: { validation_runs_remaining: 1 },
    });
  });
});
