import { afterEach, describe, expect, test } from "vitest";
import { type Arga, type ArgaOptions, startArga } from "../../sim/arga/server.ts";
import { ArgaClient } from "../../src/api/client.ts";
import { ArgaNotFound, ArgaPlanLimit, ArgaRefused } from "../../src/api/errors.ts";
import { logOf, stepCountOf, stepsOf } from "../../src/api/test-steps.ts";
import { failure } from "./support/server.ts";

/** Every operation of docs/arga-client.md that the client has, against the local Arga. */

let arga: Arga;
let client: ArgaClient;

async function start(options: ArgaOptions = {}): Promise<void> {
  arga = await startArga({ provisionSeconds: 3_600, runSeconds: 3_600, ...options });
  client = new ArgaClient({ url: arga.url, key: arga.key });
}

afterEach(async () => {
  await client.destroy();
  await arga.close();
});

const asked = () => arga.requests.map(({ route }) => route);
const ADDRESS = "https://staging.myapp.com";
const CHECKOUT = { prompt: "Test the checkout flow", start_url: ADDRESS };

describe("twin runs", () => {
  test.each(["twinRuns", "legacyTwinRuns"] as const)(
    "%s: create, get, extend, lock, reset, teardown",
    async (name) => {
      await start();
      const runs = client[name];
      const { run_id } = await runs.create({
        twins: ["stripe", "slack"],
        ttl_minutes: 60,
        scenario_prompt: "one customer",
      });
      expect(await runs.get(run_id)).toMatchObject({ run_id, status: "queued" });
      arga.control.ready(run_id);
      const ready = await runs.get(run_id);
      expect(ready.twins?.stripe).toMatchObject({
        label: "Stripe",
        base_url: expect.stringContaining("https://"),
      });
      expect(ready.seed_results).toHaveProperty("stripe");
      expect(await runs.extend(run_id, 30)).toMatchObject({ status: "extended", ttl_minutes: 30 });
      expect(await runs.extend(run_id)).toMatchObject({ ttl_minutes: 60 });
      expect(await runs.lock(run_id)).toMatchObject({ status: "locked", is_public: false });
      expect(await runs.reset(run_id)).toMatchObject({
        status: "reset_complete",
        baseline_kind: "prompt",
        factory_reset: { stripe: { status: "ok" } },
      });
      expect(await runs.teardown(run_id)).toMatchObject({ status: "cleaning_up" });
    },
  );

  test("an extension is read in either form", async () => {
    await start({ dialect: { extendReply: "expires_at" } });
    const { run_id } = await client.twinRuns.create({ twins: ["stripe"] });
    expect(Date.parse((await client.twinRuns.extend(run_id, 30)).expires_at ?? "")).toBeGreaterThan(
      Date.now(),
    );
  });

  test("a catalog lists names, labels and kinds", async () => {
    await start();
    const stripe = (await client.catalog.list()).find((twin) => twin.name === "stripe");
    expect(stripe).toMatchObject({ label: "Stripe", kind: "frontend" });
    expect(asked()).toEqual(["GET /twins"]);
  });

  test("an older Arga has the same catalog, under its own path", async () => {
    await start({ dialect: { canonicalTwinRuns: false } });
    expect((await client.catalog.list()).map(({ name }) => name)).toContain("stripe");
    expect(asked()).toEqual(["GET /twins", "GET /validate/twins"]);
  });
});

describe("test runs", () => {
  test("create, list, get, rerun", async () => {
    await start();
    const run = await client.testRuns.create({
      ...CHECKOUT,
      twins: ["stripe", "slack"],
      repo: "myorg/myrepo",
      branch: "b",
    });
    expect(run).toMatchObject({ status: "queued", ...CHECKOUT });
    expect((await client.testRuns.list()).map(({ id }) => id)).toEqual([run.id]);
    arga.control.tests.finish(run.id);
    expect((await client.testRuns.get(run.id)).status).toBe("complete");
    const again = await client.testRuns.rerun(run.id);
    expect(again).toMatchObject({ status: "queued", source_run_id: run.id });
  });

  test("the log and the steps are read out of the run", async () => {
    await start();
    const { id } = await client.testRuns.create(CHECKOUT);
    expect(stepsOf(await client.testRuns.get(id))).toEqual([]);
    for (let n = 0; n < 3; n++) arga.control.tests.step(id);
    const running = stepsOf(await client.testRuns.get(id));
    expect(running.map(({ ordinal, state }) => [ordinal, state])).toEqual([
      [1, "done"],
      [2, "running"],
    ]);
    arga.control.tests.fail(id, "the button is gone");
    const failed = await client.testRuns.get(id);
    expect(failed).toMatchObject({ status: "failed", error_message: "the button is gone" });
    expect(stepsOf(failed).map(({ state }) => state)).toEqual(["done", "failed"]);
    expect(logOf(failed).at(-1)).toMatchObject({ type: "error", message: "the button is gone" });
  });

  test("a finished one knows how many steps it has, and both words are its end", async () => {
    await start({ dialect: { testSuccess: "completed", testTotals: true } });
    const { id } = await client.testRuns.create(CHECKOUT);
    arga.control.tests.finish(id);
    const done = await client.testRuns.get(id);
    expect(done.status).toBe("completed");
    expect(stepsOf(done).every(({ state }) => state === "done")).toBe(true);
    expect(stepCountOf(done)).toBe(stepsOf(done).length);
    expect(done.total).toBe(stepCountOf(done));
  });

  test("an older Arga is asked over the paths of before", async () => {
    await start({ dialect: { canonicalTestRuns: false } });
    const { id } = await client.testRuns.create(CHECKOUT);
    await client.testRuns.get(id);
    await client.tests.list();
    await failure(client.testRuns.get("00000000-0000-4000-8000-000000000000"));
    expect(asked()).toEqual([
      "POST /test-runs",
      "POST /runner/runs",
      "GET /runner/runs/{run_id}",
      "GET /tests",
      "GET /runner/tests",
      "GET /runner/runs/{run_id}",
    ]);
    expect(await client.testRuns.list()).toHaveLength(1);
  });
});

describe("saved tests", () => {
  test("create, list by repository, run", async () => {
    await start({ examples: false });
    const config = { version: 1, steps: [{ id: "a", ordinal: 1, action: "goto", keptAsItIs: true }] };
    const { id } = await client.tests.create({
      name: "Checkout",
      ...CHECKOUT,
      repo_full_name: "a/b",
      test_config: config,
    });
    await client.tests.create({ name: "Other", repo_full_name: "c/d" });
    expect((await client.tests.list({ repo_full_name: "a/b" })).map((each) => each.id)).toEqual([id]);
    expect(await client.tests.list()).toHaveLength(2);
    expect((await client.tests.list()).find((each) => each.id === id)?.test_config_json).toEqual(config);
    const run = await client.tests.run(id, { start_url: "https://other.example.com" });
    expect(run).toMatchObject({ status: "queued", start_url: "https://other.example.com" });
    expect(await failure(client.tests.run("nothing"))).toBeInstanceOf(ArgaNotFound);
  });
});

describe.each([true, false])("sandboxes (paths of today: %s)", (canonicalSandboxRuns) => {
  test("create, get, logs, delete", async () => {
    await start({ dialect: { canonicalSandboxRuns } });
    const made = await client.sandboxRuns.create({
      repo: "a/b",
      branch: "main",
      twins: ["stripe"],
      env: { odd_Key: "1" },
    });
    const { sandbox_id: id } = made;
    expect(made).toMatchObject({ status: "queued", app_url: null });
    arga.control.sandboxes.finish(id);
    const ready = await client.sandboxRuns.get(id);
    expect(ready.app_url).toMatch(/^https:/);
    expect(ready.env_vars).toHaveProperty("odd_Key", "1");
    expect((await client.sandboxRuns.logs(id)).logs?.[0]).toHaveProperty("message");
    expect(await client.sandboxRuns.delete(id)).toEqual({ sandbox_id: id, status: "deleted" });
    const paths = arga.requests.map(({ path }) => path.split("/")[1]);
    const now = canonicalSandboxRuns ? "sandbox-runs" : "sandboxes";
    expect(new Set(paths.slice(1))).toEqual(new Set([now]));
  });

  test("one that is not ready cannot be tested", async () => {
    await start({ dialect: { canonicalSandboxRuns } });
    const { sandbox_id } = await client.sandboxRuns.create({ repo: "a/b", branch: "main" });
    const error = await failure(client.testRuns.create({ prompt: "go", sandbox_id }));
    expect(error).toBeInstanceOf(ArgaRefused);
    expect(error.status).toBe(409);
  });
});

describe("scenarios", () => {
  test("are listed, by twin, with the presets where they are wanted", async () => {
    await start();
    const presets = await client.scenarios.list({ twin: "slack", include_presets: true });
    expect(presets.some(({ is_preset }) => is_preset)).toBe(true);
    expect(presets.every(({ twins }) => twins?.includes("slack"))).toBe(true);
    expect((await client.scenarios.list()).every(({ is_preset }) => !is_preset)).toBe(true);
  });
});

describe("the account", () => {
  test("says whose it is and what its plan allows", async () => {
    await start({ plan: "free", monthlyRuns: 3 });
    expect(await client.account()).toMatchObject({
      billing_plan: "free",
      plan_limits: { max_twins_per_run: 1, max_ttl_minutes: 10, validation_runs_limit: 3 },
    });
  });

  test.each([403, 429] as const)("a used-up quota is the plan's limit, as %d", async (quotaStatus) => {
    await start({ plan: "free", monthlyRuns: 0, dialect: { quotaStatus } });
    const error = await failure(client.testRuns.create(CHECKOUT));
    expect(error).toBeInstanceOf(ArgaPlanLimit);
    expect(error).toMatchObject({ sent: "refused", status: quotaStatus });
  });
});
