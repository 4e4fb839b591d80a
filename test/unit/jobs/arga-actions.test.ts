import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
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

describe("the end of what was only asked for", () => {
  const requested = async (action: ActionRequest["action"]): Promise<Run> => {
    const run = newRun({
      id: RunStore.newId(),
      requestedAt: Date.now(),
      actionRequests: [asked("a", { action })],
      card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
    });
    await bench.deps.store.create(run, { name: run.id });
    return run;
  };

  test.each(["teardown", "cancel"] as const)(
    "a %s calls it off, and Arga is asked for nothing",
    async (action) => {
      const run = await requested(action);
      expect(await reconciled(run)).toEqual([]);
      expect(await read(run)).toMatchObject({
        phase: { name: "ended", outcome: "cancelled" },
        endedBy: BOB,
        actionRequests: [],
      });
    },
  );

  test("anything else is refused, since nothing is there yet", async () => {
    const run = await requested("lock");
    expect(await reconciled(run)).toEqual([]);
    expect((await read(run)).outbox).toContainEqual(
      expect.objectContaining({
        to: "person",
        what: {
          type: "not_done",
          action: "lock",
          why: "it isn't ready yet. Try again when the card says it is",
        },
      }),
    );
  });
});

describe("an action that Arga doesn't do", () => {
  const LOCK = "POST /twin-runs/{run_id}/lock";
  afterEach(() => bench.arga.clearFaults());

  test("is answered in Arga's words, and the next one is done", async () => {
    const run = await runWith(asked("a", { action: "lock" }), asked("b", { action: "reset" }));
    bench.arga.fault({ route: LOCK, status: 400, body: { detail: "not in a state for that" } });
    await reconciled(run);
    const { outbox, actionRequests } = await read(run);
    expect(actionRequests).toEqual([]);
    expect(outbox.map(({ key }) => key)).toEqual(expect.arrayContaining(["not_done:a", "acted:b"]));
    expect(JSON.stringify(outbox)).toContain("not in a state for that");
  });

  test("because it wants fewer requests is done later", async () => {
    const run = await runWith(asked("a", { action: "lock" }));
    bench.arga.fault({ route: LOCK, status: 429, retryAfter: 5, times: 1 });
    const { requeueAt = 0 } = (await reconcileArga(bench.deps)(run)) ?? {};
    expect(requeueAt).toBeGreaterThan(Date.now() + 3_000);
    expect(await read(run)).toMatchObject({
      actionRequests: [{ key: "a", state: { name: "pending" } }],
      trouble: { with: "arga" },
    });
    expect((await reconciled(run))[0]).toBe(LOCK);
    expect((await read(run)).actionRequests).toEqual([]);
  });

  test("for five minutes is given up, and said so", async () => {
    const run = await runWith(asked("a", { action: "lock", at: Date.now() - 5 * MINUTE }));
    bench.arga.fault({ route: LOCK, status: 429, retryAfter: 5 });
    await reconciled(run);
    expect((await read(run)).outbox).toMatchObject([{ key: "not_done:a", what: { type: "not_done" } }]);
  });

  test("whose answer was lost, of which no look tells whether it was done, is said to be unclear", async () => {
    const run = await runWith(asked("a", { action: "reset" }));
    bench.arga.fault({ route: /reset$/, action: "lose", times: 1 });
    const { requeueAt = 0 } = (await reconcileArga(bench.deps)(run)) ?? {};
    expect(requeueAt).toBeGreaterThan(Date.now());
    expect((await read(run)).actionRequests).toMatchObject([{ state: { name: "sending" } }]);
    await reconciled(run);
    expect((await read(run)).outbox).toMatchObject([
      { key: "unclear:a", what: { type: "unclear", action: "reset" } },
    ]);
  });

  test("whose answer was lost is done once where a look shows that it was", async () => {
    const run = await runWith(asked("a", { action: "lock" }));
    bench.arga.fault({ route: LOCK, action: "lose", times: 1 });
    await reconciled(run);
    expect(await reconciled(run)).not.toContain(LOCK);
    expect((await read(run)).outbox.map(({ key }) => key)).toContain("acted:a");
  });

  test("and was certainly never done is asked for once more", async () => {
    const run = await runWith(asked("a", { action: "lock" }));
    bench.arga.fault({ route: LOCK, action: "reset", times: 1 });
    await reconciled(run);
    expect(await reconciled(run)).toContain(LOCK);
    expect((await read(run)).outbox.map(({ key }) => key)).toContain("acted:a");
  });

  test("isn't asked for by a process that ends", async () => {
    const run = await runWith(asked("a", { action: "lock" }));
    const before = bench.arga.requests.length;
    await reconcileArga({ ...bench.deps, signal: AbortSignal.abort() })(run);
    expect(bench.requestsSince(before)).not.toContain(LOCK);
    expect((await read(run)).actionRequests).toMatchObject([{ state: { name: "pending" } }]);
  });
});

test("what is kept of a run is asked for once it's over, and isn't too late", async () => {
  const run = await runWith(asked("a", { action: "save", name: "Checkout" }), asked("b", { action: "lock" }));
  const at = Date.now();
  await bench.deps.store.update(run, (now) => ({
    ...now,
    phase: { name: "ended", at, outcome: "torn_down" },
  }));
  await reconciled(run);
  const { outbox, actionRequests } = await read(run);
  expect(actionRequests).toEqual([]);
  const keys = outbox.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["not_done:b", "done:a"]));
  expect(keys).not.toContain("not_done:a");
});

test("what was asked for too late is answered, and what was done by then isn't denied", async () => {
  const at = Date.now();
  const run = await runWith(
    asked("a", { action: "teardown", state: { name: "sending", since: at } }),
    asked("b", { action: "lock" }),
  );
  await bench.deps.store.update(run, (now) => ({
    ...now,
    phase: { name: "ended", at, outcome: "torn_down" },
  }));
  await reconciled(run);
  const { outbox, endedBy, actionRequests } = await read(run);
  expect(actionRequests).toEqual([]);
  expect(endedBy).toEqual(BOB);
  expect(outbox).toContainEqual(
    expect.objectContaining({
      key: "not_done:b",
      what: { type: "not_done", action: "lock", why: "it has already ended" },
    }),
  );
  expect(outbox.map(({ key }) => key)).not.toContain("not_done:a");
});
