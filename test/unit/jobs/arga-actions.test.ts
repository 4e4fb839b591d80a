import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { ActionRequest, Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { BOB, MINUTE, newRun, wishOf } from "../support/runs.ts";

/** What Arga is asked for when people act on a run. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ provisionSeconds: 0 });
});
afterAll(() => bench.stop());

const LOOK = "GET /twin-runs/{run_id}";
const read = async (run: Run): Promise<Run> => (await bench.deps.store.get(run)) ?? run;

/** A twin run that is ready at Arga and in its record, and what people ask of it. */
async function runWith(...actionRequests: ActionRequest[]): Promise<Run> {
  const made = await bench.deps.arga.twinRuns.create({ twins: ["stripe"], ttl_minutes: 30 });
  await vi.waitUntil(async () => (await bench.deps.arga.twinRuns.get(made.run_id)).status === "ready", {
    timeout: PATIENCE_MS,
  });
  const end = Date.now() + 30 * MINUTE;
  const run = newRun({
    id: RunStore.newId(),
    requestedAt: Date.now(),
    ttlMinutes: 30,
    phase: { name: "ready", since: Date.now() },
    arga: { id: made.run_id, status: "ready", links: [], isPublic: true },
    deadline: { at: end, remindAt: end - 5 * MINUTE, reminded: false },
    card: { state: "posted", ts: "1.2", hash: "", shown: "ready", at: Date.now() },
    actionRequests,
  });
  await bench.deps.store.create(run, { name: run.id });
  return run;
}

const asked = (key: string, more: Partial<ActionRequest>): ActionRequest =>
  wishOf({ key, at: Date.now(), ...more });

/** One job; returns what Arga was asked for. */
async function reconciled(run: Run): Promise<string[]> {
  const before = bench.arga.requests.length;
  await reconcileArga(bench.deps)(run);
  return bench.requestsSince(before);
}

describe("an extend", () => {
  const extend = (key: string, minutes: number) => asked(key, { action: "extend", minutes });
  const SEND = "POST /twin-runs/{run_id}/extend";

  test("asks Arga once before and once after", async () => {
    const run = await runWith(extend("a", 120));
    expect(await reconciled(run)).toEqual([LOOK, SEND, LOOK]);
    const { deadline, outbox, actionRequests } = await read(run);
    expect(Math.round(((deadline?.at ?? 0) - Date.now()) / MINUTE)).toBe(120);
    expect(outbox.map(({ key }) => key)).toContain("acted:a");
    expect(actionRequests).toEqual([]);
  });

  test("that is refused before asks Arga nothing after", async () => {
    const run = await runWith(extend("a", 10));
    expect(await reconciled(run)).toEqual([LOOK]);
    expect((await read(run)).outbox.map(({ key }) => key)).toEqual(["not_done:a"]);
  });

  test("that two people ask for at once is one", async () => {
    const run = await runWith(extend("a", 120), extend("b", 120));
    expect(await reconciled(run)).toEqual([LOOK, SEND, LOOK]);
    const told = (await read(run)).outbox.map(({ key }) => key);
    expect(told).toEqual(expect.arrayContaining(["acted:a", "done:a", "done:b"]));
  });

  test("after another begins with the end that the first one left", async () => {
    const run = await runWith(extend("a", 120), extend("b", 60));
    expect(await reconciled(run)).toEqual([LOOK, SEND, LOOK, LOOK]);
    expect((await read(run)).outbox.map(({ key }) => key)).toContain("not_done:b");
  });

  test("whose answer was lost is judged by a look, and sent once", async () => {
    const run = await runWith(extend("a", 120));
    bench.arga.fault({ route: SEND, action: "lose", times: 1 });
    expect(await reconciled(run)).toEqual([LOOK, SEND]);
    expect(await reconciled(run)).toEqual([LOOK]);
    expect((await read(run)).outbox.map(({ key }) => key)).toContain("acted:a");
  });
});

test.each(["lock", "reset", "teardown"] as const)("a %s asks Arga for nothing before", async (action) => {
  const run = await runWith(asked("a", { action }));
  const [first, ...looks] = await reconciled(run);
  expect(first).toMatch(new RegExp(`^POST .+/{run_id}/${action}$`));
  expect(looks).toEqual([LOOK]);
  const { outbox, endedBy } = await read(run);
  // Who asked for the end is told with the end.
  if (action === "teardown") expect(endedBy).toEqual(BOB);
  else expect(outbox.map(({ key }) => key)).toContain("acted:a");
});
