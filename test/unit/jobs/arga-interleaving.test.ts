import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { ReconcileResult } from "../../../src/jobs/reconciler.ts";
import { actionRequested } from "../../../src/runs/actions.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { newRun, wishOf } from "../support/runs.ts";

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ provisionSeconds: 0 });
});
afterAll(() => bench.stop());

const LOOK = "GET /twin-runs/{run_id}";

async function readyRun(): Promise<Run> {
  const { store, arga } = bench.deps;
  const made = await arga.twinRuns.create({ twins: ["stripe"], ttl_minutes: 30 });
  const run = newRun({
    id: RunStore.newId(),
    phase: { name: "ready", since: Date.now() },
    arga: { id: made.run_id, status: "ready", links: [] },
    card: { state: "posted", ts: "1.2", hash: "", shown: "ready", at: Date.now() },
  });
  await store.create(run, { name: run.id });
  // What Arga shows of it is in the record before it begins.
  await reconcileArga(bench.deps)(run);
  return (await store.get(run)) ?? run;
}

/** Reconciles a run, and lets something happen while Arga is asked for it. */
async function reconcileWhile(run: Run, happening: () => Promise<unknown>): Promise<ReconcileResult> {
  const { arga, deps } = bench;
  let release = (): void => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  const before = arga.requests.length;
  arga.fault({ route: LOOK, times: 1, hold });
  const reconciling = reconcileArga(deps)(run);
  await arga.until(() => arga.requests.length > before);
  await happening();
  release();
  return (await reconciling) ?? {};
}

const press = (run: Run): Promise<unknown> =>
  bench.deps.store.updateNewest(run, (now) => actionRequested(now, wishOf({ key: run.id })));

describe("what happens to a run while Arga is asked for it", () => {
  test("has it looked at once more, if it is a press", async () => {
    const run = await readyRun();
    const result = await reconcileWhile(run, () => press(run));
    expect(result.requeueAt).toBeDefined();
    expect(await result.isStale?.()).toBe(true);
  });

  test("also then if the answer was written on top: the record that the job ends with holds the press", async () => {
    const run = await readyRun();
    const result = await reconcileWhile(run, async () => {
      await press(run);
      await bench.deps.arga.twinRuns.extend(run.arga?.id ?? "", 120);
    });
    const newest = await bench.deps.store.get(run);
    expect(newest?.deadline?.at).not.toBe(run.deadline?.at);
    expect(newest?.actionRequests).toHaveLength(1);
    expect(await result.isStale?.()).toBe(true);
  });

  test("has not, if it is nothing that Arga is asked for", async () => {
    const run = await readyRun();
    const result = await reconcileWhile(run, () =>
      bench.deps.store.updateNewest(run, (now) => ({ ...now, seenKeys: [...now.seenKeys, "x"] })),
    );
    expect(await result.isStale?.()).toBe(false);
  });
});
