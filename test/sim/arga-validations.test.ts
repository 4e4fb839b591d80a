import { describe, expect, test } from "vitest";
import { arga, call, newest, PR_RUN, prRun, start, URL_RUN, urlRun } from "./arga-here.ts";

describe("a URL run", () => {
  test("answers an id, the first status and the session", async () => {
    await start();
    const { status, body } = await call("POST", "/validate/url-run", URL_RUN);
    expect(status).toBe(200);
    expect(body).toEqual({ run_id: newest(arga.validations).runId, status: "queued", session_id: null });
  });

  test("takes every documented field, and shows the credentials nowhere", async () => {
    await start();
    const twin = arga.control.start({
      ...{ twins: ["stripe"], ttlMinutes: 60, isPublic: true, baseline: "empty" as const },
    });
    const run = await urlRun({
      twins: ["stripe", "slack"],
      credentials: { email: "ada@example.com", password: "hunter2" },
      runner_mode: "visual",
      session_id: "abc-123",
      repo: "octo/shop",
      branch: "main",
      pr_url: "https://github.com/octo/shop/pull/7",
      provision_id: twin.runId,
      ttl_minutes: 30,
      scenario_id: "preset-saas-billing",
    });
    const { body } = await call("GET", `/runs/${run.runId}`);
    expect(body).toMatchObject({
      ...{ run_type: "url_run", mode: "visual", session_id: "abc-123", twins: ["stripe", "slack"] },
      ...{ repo_full_name: "octo/shop", branch: "main", github_pr_number: 7 },
    });
    expect(JSON.stringify(body)).not.toContain("hunter2");
  });

  test.each([
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://10.1.2.3/x",
    "http://192.168.0.1",
    "http://169.254.169.254/",
    "http://[::1]/",
    "http://[fd00::1]/",
    "http://shop.local",
    "http://intranet",
    "ftp://example.com",
    "example.com",
    "",
  ])("refuses the address %j", async (url) => {
    await start();
    expect(await call("POST", "/validate/url-run", { ...URL_RUN, url })).toMatchObject({
      status: 400,
      body: { detail: "A valid public http(s) URL is required." },
    });
  });

  test("refuses half of the credentials and, on the Free plan, a missing prompt", async () => {
    await start({ plan: "free", dialect: { inputRefusal: 422 } });
    const credentials = { email: "ada@example.com" };
    expect(await call("POST", "/validate/url-run", { ...URL_RUN, credentials })).toMatchObject({
      ...{ status: 422, body: { detail: "Email and password must both be provided." } },
    });
    expect(await call("POST", "/validate/url-run", { url: URL_RUN.url })).toMatchObject({
      ...{ status: 422, body: { detail: "A prompt is required." } },
    });
    expect(arga.validations.size).toBe(0);
  });

  test.each<[number, object]>([
    [422, { url: undefined }],
    [422, { credentials: { username: "ada", password: "x" } }],
    [422, { ttl_minutes: 481 }],
    [422, { runnerMode: "visual" }],
    [400, { twins: ["plaid"] }],
    [404, { scenario_id: "nope" }],
    [404, { provision_id: crypto.randomUUID() }],
    [400, { provision_id: "nope" }],
  ])("answers %i to %o", async (status, body) => {
    await start();
    expect((await call("POST", "/validate/url-run", { ...URL_RUN, ...body })).status).toBe(status);
    expect(arga.validations.size).toBe(0);
  });

  test("is charged to the Free plan, which allows one twin", async () => {
    await start({ plan: "free", monthlyRuns: 1 });
    const two = { ...URL_RUN, twins: ["stripe", "slack"] };
    expect((await call("POST", "/validate/url-run", two)).status).toBe(403);
    expect((await call("POST", "/validate/url-run", URL_RUN)).status).toBe(200);
    expect((await call("POST", "/validate/url-run", URL_RUN)).status).toBe(403);
  });
});

describe("a PR run", () => {
  test("answers JSON with a session of its own", async () => {
    await start();
    const { body } = await call("POST", "/validate/pr-run", PR_RUN);
    const { runId, sessionId } = newest(arga.validations);
    expect(body).toEqual({ run_id: runId, status: "queued", session_id: sessionId });
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("takes every documented field", async () => {
    await start();
    const run = await prRun({
      pr_url: "https://github.com/octo/shop/pull/42",
      context_notes: "Changed the payment flow",
      scenario_prompt: "A late payer",
      scenario_id: "preset-saas-billing",
      twins: ["stripe"],
      frontend_url: "https://preview.example.com",
      session_id: "s-1",
      run_type: "pr_run",
    });
    expect(run).toMatchObject({ runType: "pr", sessionId: "s-1", prompt: "Changed the payment flow" });
  });

  test("of the type agent_run is one", async () => {
    await start();
    const run = await prRun({ run_type: "agent_run" });
    expect((await call("GET", `/runs/${run.runId}`)).body).toMatchObject({
      run_type: "agent_run",
      environment_url: `https://${run.runId.slice(0, 8)}-app.preview.argalabs.com`,
    });
  });

  test.each<[number, object]>([
    [422, { repo: undefined }],
    [422, { run_type: "url_run" }],
    [422, { contextNotes: "x" }],
    [400, { branch: undefined }],
    [400, { twins: ["plaid"] }],
    [404, { scenario_id: "nope" }],
  ])("answers %i to %o", async (status, body) => {
    await start();
    expect((await call("POST", "/validate/pr-run", { ...PR_RUN, ...body })).status).toBe(status);
    expect(arga.validations.size).toBe(0);
  });

  test("is not in the Free plan, nor is the history", async () => {
    await start({ plan: "free" });
    expect((await call("POST", "/validate/pr-run", PR_RUN)).status).toBe(403);
    expect((await call("GET", "/validation/runs")).status).toBe(403);
    expect((await call("GET", "/validation/github/enabled")).status).toBe(403);
  });

  test("/validation/pr starts one too", async () => {
    await start({ dialect: { prRun: "stream" } });
    const { body } = await call("POST", "/validation/pr", PR_RUN);
    expect(body).toMatchObject({ run_id: newest(arga.validations).runId, status: "queued" });
  });

  test.each([404, 410] as const)("/validate/agent-run is removed: %i", async (agentRun) => {
    await start({ dialect: { agentRun } });
    const answer = await call("POST", "/validate/agent-run", PR_RUN);
    expect(answer).toMatchObject({ status: agentRun, body: { detail: expect.any(String) } });
  });
});

describe("a run's way", () => {
  test("a URL run goes to completed, with all its fields", async () => {
    await start({ speed: 400 });
    const run = await urlRun();
    await arga.until(() => run.status === "completed");
    const { body } = await call("GET", `/runs/${run.runId}`);
    const step = { step: "Sign in", status: "passed", detail: "As expected ✓" };
    expect(body).toEqual({
      id: run.runId,
      run_id: run.runId,
      status: "completed",
      run_type: "url_run",
      mode: "standard",
      environment_url: null,
      surface_urls: ["https://example.com"],
      twins: [],
      results_json: [step, { ...step, step: "buy a shirt" }],
      event_log_json: expect.arrayContaining([expect.objectContaining({ type: "step", step: "Sign in" })]),
      story_json: null,
      attack_plan_json: null,
      redteam_report_json: null,
      step_summaries: [step, expect.anything()],
      failure_category: null,
      failure_detail: null,
      created_at: expect.stringMatching(/Z$/),
      repo_full_name: null,
      github_pr_number: null,
      commit_sha: null,
      branch: null,
      session_id: null,
    });
  });

  test("a PR run thinks of a story first", async () => {
    await start({ speed: 400 });
    const run = await prRun({ context_notes: "Changed the payment flow" });
    await arga.until(() => run.status === "completed");
    const said = run.events
      .filter(({ event }) => event === "status")
      .map(({ data }) => Reflect.get(Object(data), "status"));
    expect(said).toEqual(["queued", "generating_story", "running", "completed"]);
    expect((await call("GET", `/runs/${run.runId}`)).body).toMatchObject({
      story_json: { title: "Changed the payment flow" },
    });
  });

  test("fails when the prompt says so; results can be an object", async () => {
    await start({ speed: 400, dialect: { resultsJson: "object" } });
    const run = await urlRun({ prompt: "Sign in, then fail" });
    await arga.until(() => run.status === "failed");
    expect((await call("GET", `/runs/${run.runId}`)).body).toMatchObject({
      results_json: { steps: [{ status: "passed" }, { status: "failed" }] },
      failure_category: "assertion",
      failure_detail: "fail: not what was expected",
    });
  });

  test("is moved by hand", async () => {
    await start();
    const { validations } = arga.control;
    const [first, second, third] = [await urlRun(), await urlRun({ prompt: "fail" }), await urlRun()];
    validations.step(first.runId);
    expect(first.status).toBe("running");
    validations.finish(second.runId);
    expect([second.status, second.failure]).toEqual(["completed", null]);
    validations.fail(third.runId, "the worker was lost");
    expect((await call("GET", `/runs/${third.runId}`)).body).toMatchObject({
      ...{ status: "failed", failure_detail: "the worker was lost" },
    });
    expect(() => validations.cancel(third.runId)).toThrow("Cannot cancel run with status failed");
  });
});
