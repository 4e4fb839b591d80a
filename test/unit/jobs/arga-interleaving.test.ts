import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArgaDeps } from "../../../src/jobs/arga/deps.ts";
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

/** What the reconciler awaits, with something that happens right before the nth of it. */
function interrupted(
  nth: number,
  happening: () => Promise<unknown>,
): { deps: ArgaDeps; calls: () => number } {
  let calls = 0;
  const wrap = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "object" && value !== null) return wrap(value);
        if (typeof value !== "function") return value;
        return async (...given: unknown[]) => {
          calls++;
          if (calls === nth) await happening();
          return await value.apply(target, given);
        };
      },
    });
  const { store, arga, queues, followers } = bench.deps;
  const parts = { store: wrap(store), arga: wrap(arga), queues: wrap(queues), followers: wrap(followers) };
  return { deps: { ...bench.deps, ...parts }, calls: () => calls };
}

/** What the worker does of itself, with no timer: its own next time takes a poke's place, being stale brings it back. */
async function withoutTimers(run: Run, first: ReconcileResult, isPoked: boolean): Promise<void> {
  let result = first;
  for (let again = isPoked && first.requeueAt === undefined; ; again = false) {
    const isDue = result.requeueAt !== undefined && result.requeueAt <= Date.now();
    if (!again && !isDue && !(result.requeueAt !== undefined && (await result.isStale?.()))) return;
    result = (await reconcileArga(bench.deps)(run)) ?? {};
  }
}

describe("a press between any two awaits of the reconciler has reached Arga without a timer's help", () => {
  const begins: Record<string, () => Promise<Run>> = {
    "a run that is ready": readyRun,
    "a run whose extend is asked for": async () => {
      const run = await readyRun();
      const extend = wishOf({ key: "before", action: "extend", minutes: 120, at: Date.now() });
      return (await bench.deps.store.updateNewest(run, (now) => actionRequested(now, extend))) ?? run;
    },
    "a run whose lock is asked for": async () => {
      const run = await readyRun();
      const lock = wishOf({ key: "before", action: "lock", at: Date.now() });
      return (await bench.deps.store.updateNewest(run, (now) => actionRequested(now, lock))) ?? run;
    },
    "a run that Arga is to create": async () => {
      const run = newRun({
        id: RunStore.newId(),
        requestedAt: Date.now(),
        card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
      });
      await bench.deps.store.create(run, { name: run.id });
      return run;
    },
  };

  test.each(Object.entries(begins))("%s", async (_, begin) => {
    const { arga, deps } = bench;
    let isInside = true;
    for (let nth = 1; isInside; nth++) {
      const run = await begin();
      const reset = wishOf({ key: `reset-${nth}`, action: "reset", at: Date.now() });
      const press = interrupted(nth, () =>
        deps.store.updateNewest(run, (now) => actionRequested(now, reset)),
      );
      const before = arga.requests.length;
      const first = (await reconcileArga(press.deps)(run)) ?? {};
      isInside = press.calls() >= nth;
      if (!isInside) break;
      await withoutTimers(run, first, true);
      const newest = await deps.store.get(run);
      const sent = arga.requests.slice(before).filter(({ route }) => route.endsWith("/reset"));
      const told = newest?.outbox.map(({ key }) => key) ?? [];
      expect({ nth, open: newest?.actionRequests.length, sent: sent.length, told }).toMatchObject({
        open: 0,
        sent: told.includes(`acted:reset-${nth}`) ? 1 : 0,
      });
      expect(told.some((key) => key.endsWith(`:reset-${nth}`))).toBe(true);
    }
  });
});
