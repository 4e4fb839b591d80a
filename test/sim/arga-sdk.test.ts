import { describe, expect, test } from "vitest";
import type { ArgaOptions } from "../../sim/arga/server.ts";
import { arga, newest, start as startAny, TARGET } from "./arga-here.ts";
import { field, type Language, type Sdk, sdkOf } from "./arga-sdk-client.ts";

const SPEED = 400;
const anything = expect.any(String);

let sdk: Sdk;

describe.each<Language>(["python", "typescript"])("the official SDK for %s", (language) => {
  async function start(options: ArgaOptions = {}): Promise<void> {
    await startAny({ speed: SPEED, ...options });
    // As a person would write it, with a slash at its end.
    sdk = sdkOf(language, { url: `${arga.url}/`, key: arga.key }, SPEED);
  }

  /** The body of a successful answer. */
  async function made(path: string, body?: object): Promise<unknown> {
    const answer = await sdk.send("POST", path, body);
    expect(answer.status).toBe(200);
    return answer.body;
  }

  const read = async (path: string, query?: Record<string, string>) => (await sdk.get(path, query)).body;

  test("twins: list, provision, get_status, reset, extend, teardown", async () => {
    await start();
    const path = "/validate/twins/provision";
    expect(await read("/validate/twins")).toContainEqual(
      expect.objectContaining({ name: "stripe", label: "Stripe", kind: "frontend", show_in_ui: true }),
    );
    const wanted = { twins: ["stripe", "slack"], ...(language === "python" && { ttl_minutes: 60 }) };
    const id = field(await made(path, wanted), "run_id");
    await arga.until(() => newest(arga.runs).status === "ready");
    expect(await read(`${path}/${id}/status`)).toMatchObject({
      ...{ run_id: id, status: "ready", error: null, is_public: true },
      ...{ dashboard_url: anything, expires_at: anything, proxy_token: anything },
      twins: { stripe: { name: "stripe", base_url: anything, admin_url: anything, mcp_url: anything } },
    });
    const reset = await made(`${path}/${id}/reset`);
    expect(reset).toMatchObject({ run_id: id, status: "reset_complete", baseline_kind: "empty" });
    const extended = language === "python" ? { ttl_minutes: 30 } : undefined;
    expect(await made(`${path}/${id}/extend`, extended)).toEqual({
      ...{ status: "extended", ttl_minutes: extended ? 30 : 60 },
    });
    expect(await made(`${path}/${id}/teardown`)).toEqual({ status: "cleaning_up", run_id: id });
    await arga.until(() => newest(arga.runs).status === "torn_down");
  });

  test("twin_runs: create, get, extend, lock, teardown", async () => {
    await start();
    const scenario_id = "preset-saas-billing";
    const id = field(await made("/twin-runs", { twins: ["stripe"], ttl_minutes: 60, scenario_id }), "run_id");
    expect(await read(`/twin-runs/${id}`)).toMatchObject({ run_id: id, status: anything });
    await arga.until(() => newest(arga.runs).status === "ready");
    expect(await made(`/twin-runs/${id}/extend`, { ttl_minutes: 30 })).toMatchObject({ ttl_minutes: 30 });
    expect(await made(`/twin-runs/${id}/lock`)).toEqual({ status: "locked", run_id: id, is_public: false });
    expect(await read(`/twin-runs/${id}`)).toMatchObject({
      is_public: false,
      seed_results: { stripe: { status: "seeded" } },
      twins: { stripe: { env_vars: { STRIPE_API_KEY: anything } } },
    });
    expect(await made(`/twin-runs/${id}/teardown`)).toMatchObject({ status: "cleaning_up" });
  });

  test("runs: a URL run, get, results, wait, cancel", async () => {
    await start();
    const wanted = {
      url: "https://example.com",
      prompt: "Sign in, buy a shirt",
      twins: ["stripe"],
      credentials: { email: "ada@example.com", password: "hunter2" },
      runner_mode: "visual",
      session_id: "abc-123",
    };
    const { run_id, session_id } = Object(await made("/validate/url-run", wanted));
    expect(session_id).toBe("abc-123");
    expect(await sdk.stream(`/validate/${run_id}/results`)).toMatch(/event: status\ndata: \{.*"completed"/);
    expect(await sdk.wait(`/runs/${run_id}`)).toMatchObject({
      ...{ id: run_id, run_id, status: "completed", run_type: "url_run", mode: "visual" },
      results_json: [{ status: "passed" }, { status: "passed" }],
      step_summaries: [{ step: "Sign in", status: "passed" }, {}],
      ...{ surface_urls: ["https://example.com"], failure_category: null, created_at: anything },
    });
    const other = field(await made("/validate/url-run", { ...wanted, prompt: "Get stuck" }), "run_id");
    expect(await made(`/validate/${other}/cancel`)).toEqual({ status: "cancelled" });
    expect(await sdk.wait(`/runs/${other}`)).toMatchObject({ status: "cancelled" });
  });

  test.each(["pr_run", "agent_run"])("runs: a run of the type %s", async (run_type) => {
    await start();
    const wanted = {
      ...{ repo: "octo/shop", branch: "main", context_notes: "Changed the payment flow" },
      ...{
        twins: ["stripe"],
        scenario_prompt: "A late payer",
        ...(run_type === "agent_run" && { run_type }),
      },
    };
    const { run_id, status } = Object(await made("/validate/pr-run", wanted));
    expect(status).toBe("queued");
    expect(await sdk.wait(`/runs/${run_id}`)).toMatchObject({
      ...{ status: "completed", run_type: run_type === "pr_run" ? "pr" : "agent_run" },
      ...{ environment_url: anything, repo_full_name: "octo/shop", story_json: { title: anything } },
    });
  });

  test("test_runs: create, list, get, rerun, wait", async () => {
    await start();
    const wanted = {
      prompt: "Buy a shirt",
      start_url: TARGET,
      twins: ["stripe"],
      repo: "a/b",
      branch: "main",
    };
    const id = field(await made("/test-runs", wanted), "id");
    expect(await read("/test-runs")).toMatchObject({ runs: [{ id, prompt: "Buy a shirt" }] });
    expect(await sdk.wait(`/test-runs/${id}`)).toMatchObject({
      ...{ id, status: "complete", mode: anything, source_run_id: null, error_message: null },
      events_json: expect.arrayContaining([{ timestamp: anything, type: anything, message: anything }]),
      ...{ test_config_json: { version: 1, steps: expect.any(Array) }, updated_at: anything },
    });
    expect(await made(`/test-runs/${id}/rerun`)).toMatchObject({ status: "queued", source_run_id: id });
  });

  test("tests: list, get, run", async () => {
    await start();
    const tests = Object(await read("/tests", { repo_full_name: "myorg/myrepo" })).tests;
    const id = field(tests[0], "id");
    expect(await read(`/tests/${id}`)).toMatchObject({
      ...{ id, name: "Checkout", ci_enabled: true, tags: ["checkout", "smoke"], start_url: TARGET },
    });
    const run = field(await made(`/tests/${id}/run`), "id");
    expect(await sdk.wait(`/test-runs/${run}`)).toMatchObject({ id: run, status: "complete" });
  });

  test("sandbox_runs: create, get, logs", async () => {
    await start();
    const id = field(await made("/sandbox-runs", { repo: "a/b", branch: "main" }), "sandbox_id");
    await arga.until(() => newest(arga.sandboxes).status === "ready");
    expect(await read(`/sandbox-runs/${id}`)).toMatchObject({
      ...{ sandbox_id: id, status: "ready", app_url: anything, env_vars: { STRIPE_API_KEY: anything } },
    });
    expect(await read(`/sandbox-runs/${id}/logs`)).toMatchObject({
      logs: expect.arrayContaining([{ timestamp: anything, type: "deploy", message: anything }]),
    });
  });

  test("scenarios: create, list, get, and their environments", async () => {
    await start();
    const seed_config = { stripe: { customers: [{ email: "ada@example.com" }] } };
    const wanted = { name: "Refunds", prompt: "many", twins: ["stripe"], tags: ["x"], seed_config };
    const scenario = await made("/scenarios", { ...wanted, generation_mode: "fast" });
    expect(scenario).toMatchObject({ ...wanted, is_preset: false, created_at: anything });
    const id = field(scenario, "id");
    expect(await read("/scenarios", { twin: "stripe", tag: "x" })).toEqual([scenario]);
    expect(await read(`/scenarios/${id}`)).toEqual(scenario);
    const path = `/scenarios/${id}/twin-environment`;
    expect(await made(path, { public: true })).toMatchObject({ scenario_id: id, status: "provisioning" });
    await arga.until(() => newest(arga.environments).status === "ready");
    expect(await read(path)).toMatchObject({
      ...{ requested_twins: ["stripe"], public: true, run_id: anything, proxy_token: anything },
      twins: { stripe: { base_url: expect.stringMatching(/^https:\/\/scn-/) } },
    });
    expect(await made(`${path}/reseed`)).toMatchObject({ status: "ready", last_seeded_at: anything });
    expect(await read("/scenario-twin-environments")).toMatchObject([{ scenario_id: id }]);
    expect(await sdk.send("DELETE", path)).toMatchObject({ status: 200, body: { status: "deleted" } });
  });

  test("errors have their words in detail, or in message when that is the dialect", async () => {
    for (const errorField of ["detail", "message"] as const) {
      await start({ dialect: { errorField, schemaDetail: "string" } });
      const missing = await sdk.get(`/twin-runs/${crypto.randomUUID()}`);
      expect(missing).toEqual({ status: 404, body: { [errorField]: "Run not found" } });
      const malformed = await sdk.send("POST", "/twin-runs", { twins: [] });
      expect(malformed.body).toEqual({ [errorField]: expect.stringMatching(/^body\.twins: /) });
      const stranger = sdkOf(language, { url: arga.url, key: "arga_sk_other" });
      expect((await stranger.get("/twins")).status).toBe(401);
      await arga.close();
    }
  });
});
