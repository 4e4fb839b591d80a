import { beforeEach, describe, expect, test } from "vitest";
import type { TwinRun } from "../../sim/arga/server.ts";
import { arga, call, start } from "./arga-here.ts";

const BASE = "/validate/twins/provision";

beforeEach(() => start());

async function run(body: object = {}): Promise<TwinRun> {
  await call("POST", BASE, { twins: ["stripe", "github"], ...body });
  const created = [...arga.runs.values()].at(-1);
  if (!created) throw new Error("no run was created");
  return created;
}

describe("the legacy helpers", () => {
  test("are the same runs as the canonical ones", async () => {
    const { runId } = await run({ ttl_minutes: 30 });
    arga.control.ready(runId);
    const legacy = await call("GET", `${BASE}/${runId}/status`);
    expect(legacy.body).toMatchObject({
      run_id: runId,
      status: "ready",
      twins: { github: { name: "github" } },
    });
    expect((await call("GET", `/twin-runs/${runId}`)).body).toEqual(legacy.body);
  });

  test("extend, lock and tear down", async () => {
    const { runId } = await run();
    const extended = await call("POST", `${BASE}/${runId}/extend`, { ttl_minutes: 45 });
    expect(extended.body).toEqual({ status: "extended", ttl_minutes: 45 });
    const locked = await call("POST", `${BASE}/${runId}/lock`);
    expect(locked.body).toEqual({ status: "locked", run_id: runId, is_public: false });
    const tornDown = await call("POST", `${BASE}/${runId}/teardown`);
    expect(tornDown.body).toEqual({ status: "cleaning_up", run_id: runId });
  });

  test("are as strict", async () => {
    expect((await call("POST", BASE, { twins: [] })).status).toBe(422);
    expect((await call("GET", `${BASE}/nope/status`)).status).toBe(400);
    for (const act of ["extend", "lock", "teardown", "reset"]) {
      expect((await call("POST", `${BASE}/nope/${act}`)).status).toBe(400);
      expect((await call("POST", `${BASE}/${crypto.randomUUID()}/${act}`)).status).toBe(404);
    }
  });
});

describe("reset", () => {
  test.each([
    ["scenario", { scenario_id: "preset-saas-billing", scenario_prompt: "ignored" }, "seeded"],
    ["prompt", { scenario_prompt: "three customers" }, "seeded"],
    ["empty", {}, "skipped"],
  ])("replays the seed of a run with baseline %s", async (baseline, body, status) => {
    const created = await run(body);
    arga.control.ready(created.runId);
    const answer = await call("POST", `${BASE}/${created.runId}/reset`);
    expect(answer.body).toEqual({
      run_id: created.runId,
      status: "reset_complete",
      baseline_kind: baseline,
      factory_reset: { stripe: { status: "ok" }, github: { status: "ok" } },
      seed_results: {
        stripe: expect.objectContaining({ status }),
        github: expect.objectContaining({ status }),
      },
    });
    expect(created.resets).toBe(1);
    expect(created.status).toBe("ready");
  });

  test("is refused with 400 unless the run is ready", async () => {
    const created = await run();
    const refused = { status: 400, body: { detail: "Cannot reset run with status queued" } };
    expect(await call("POST", `${BASE}/${created.runId}/reset`)).toMatchObject(refused);
    arga.control.teardown(created.runId);
    expect((await call("POST", `${BASE}/${created.runId}/reset`)).status).toBe(400);
    expect(created.resets).toBe(0);
  });
});

describe("cancel", () => {
  test("ends a twin run at once, and only once", async () => {
    const created = await run();
    const answer = await call("POST", `/validate/${created.runId}/cancel`);
    expect(answer.body).toEqual({ status: "cancelled" });
    expect(created.status).toBe("cancelled");
    expect(await call("POST", `/validate/${created.runId}/cancel`)).toMatchObject({
      status: 400,
      body: { detail: "Cannot cancel run with status cancelled" },
    });
  });
});
