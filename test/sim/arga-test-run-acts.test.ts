import { describe, expect, test } from "vitest";
import { arga, call, queuedTest, start, TARGET } from "./arga-here.ts";

describe("rerun", () => {
  test("replays the recorded config, with or without a body", async () => {
    await start();
    const source = await queuedTest();
    arga.control.tests.finish(source.id);
    const { body } = await call("POST", `/test-runs/${source.id}/rerun`);
    expect(body).toMatchObject({
      status: "queued",
      mode: "replay",
      source_run_id: source.id,
      prompt: source.prompt,
      start_url: TARGET,
      test_config_json: source.testConfig,
    });
    expect(body).not.toHaveProperty("id", source.id);
  });

  test("takes another target and prompt; another prompt is recorded anew", async () => {
    await start();
    const source = await queuedTest();
    arga.control.tests.finish(source.id);
    const change = { start_url: "https://other.example.com", prompt: "Sell it", twins: ["stripe"] };
    expect((await call("POST", `/test-runs/${source.id}/rerun`, change)).body).toMatchObject({
      mode: "record",
      prompt: "Sell it",
      start_url: "https://other.example.com",
      test_config_json: null,
    });
  });

  test("is refused for an unknown run, an unknown field, and a sandbox that is not ready", async () => {
    await start();
    expect((await call("POST", `/test-runs/${crypto.randomUUID()}/rerun`)).status).toBe(404);
    const { id } = await queuedTest();
    expect((await call("POST", `/test-runs/${id}/rerun`, { test_config: { steps: [] } })).status).toBe(422);
    const { sandboxId } = arga.control.sandboxes.start({
      ...{ repo: "octo/shop", branch: "main", twins: [], ttlMinutes: 60 },
    });
    const body = { sandbox_id: sandboxId };
    expect((await call("POST", `/test-runs/${id}/rerun`, body)).status).toBe(409);
  });
});

describe("messages", () => {
  test("are kept among the events of a running run", async () => {
    await start();
    const run = await queuedTest();
    arga.control.tests.step(run.id);
    const { body } = await call("POST", `/test-runs/${run.id}/messages`, { message: "Use PayPal" });
    expect(body).toMatchObject({ id: run.id, status: "running" });
    expect(run.events.at(-1)).toMatchObject({ type: "user", message: "Use PayPal" });
  });

  test("are answers when the run asks", async () => {
    await start({ speed: 400 });
    const run = await queuedTest({ prompt: "Ask me which card" });
    await arga.until(() => run.events.at(-1)?.type === "question");
    await call("POST", `/test-runs/${run.id}/messages`, { message: "The green one" });
    await arga.until(() => run.status === "complete");
  });

  test("a replayed config can ask too", async () => {
    await start({ speed: 400 });
    const test_config = { steps: [{ action: "ask_user_question", value: "Which?" }, { action: "click" }] };
    const run = await queuedTest({ test_config });
    await arga.until(() => run.events.at(-1)?.type === "question");
    expect(run.stepsDone).toBe(1);
    await call("POST", `/test-runs/${run.id}/messages`, { message: "This" });
    await arga.until(() => run.status === "complete");
  });

  test("are refused when it does not run (409), when empty (422), and for an unknown run (404)", async () => {
    await start();
    const run = await queuedTest();
    const path = `/test-runs/${run.id}/messages`;
    expect((await call("POST", path, { message: "hi" })).status).toBe(409);
    arga.control.tests.finish(run.id);
    expect((await call("POST", path, { message: "hi" })).status).toBe(409);
    expect((await call("POST", path, { message: "" })).status).toBe(422);
    expect((await call("POST", path, { text: "hi" })).status).toBe(422);
    expect((await call("POST", "/test-runs/nope/messages", { message: "hi" })).status).toBe(404);
  });
});

describe("config", () => {
  test("is kept as it came, whatever its keys are called", async () => {
    await start();
    const { id } = await queuedTest();
    const test_config = { version: 1, camelCase: { snake_case: 1 }, steps: [{ action: "goto", X: null }] };
    expect((await call("PATCH", `/test-runs/${id}/config`, { test_config })).body).toMatchObject({ id });
    const { body } = await call("GET", `/test-runs/${id}`);
    expect(body).toHaveProperty("test_config_json", test_config);
  });

  test("is refused without steps and for an unknown run", async () => {
    await start();
    const { id } = await queuedTest();
    expect((await call("PATCH", `/test-runs/${id}/config`, { test_config: { steps: 1 } })).status).toBe(422);
    expect((await call("PATCH", `/test-runs/${id}/config`)).status).toBe(422);
    expect((await call("PATCH", "/test-runs/nope/config", { test_config: { steps: [] } })).status).toBe(404);
  });
});

describe("what is not there", () => {
  test("no delete, no cancel, no logs", async () => {
    await start();
    const { id } = await queuedTest();
    expect((await call("DELETE", `/test-runs/${id}`)).status).toBe(405);
    expect((await call("POST", `/test-runs/${id}/cancel`)).status).toBe(404);
    expect((await call("GET", `/test-runs/${id}/logs`)).status).toBe(404);
    expect((await call("GET", "/test-runs/nope")).status).toBe(404);
  });

  test("without canonical routes only the older ones are there", async () => {
    await start({ dialect: { canonicalTestRuns: false } });
    expect((await call("GET", "/test-runs")).status).toBe(404);
    expect((await call("GET", "/tests")).status).toBe(404);
    expect((await call("GET", "/runner/runs")).status).toBe(200);
    expect((await call("GET", "/demo-runner/tests")).status).toBe(200);
  });
});
