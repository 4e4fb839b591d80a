import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { ReconcileResult } from "../../../src/jobs/reconciler.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { MINUTE, newRun, runIn, wishOf } from "../support/runs.ts";

/** For how long Arga is asked, and what its silence means then: both sides of each limit. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ provisionSeconds: 0 });
});
afterAll(() => bench.stop());
afterEach(() => bench.arga.clearFaults());

const SECOND = 1_000;
const HOUR = 60 * MINUTE;
const CREATE = "POST /twin-runs";
const LOOK = "GET /twin-runs/{run_id}";
const LOCK = "POST /twin-runs/{run_id}/lock";
const GONE = "00000000-0000-4000-8000-000000000000";

const posted = (shown: Run["phase"]["name"]): Run["card"] => ({
  state: "posted",
  ts: "1.2",
  hash: "",
  shown,
  at: Date.now(),
});

async function kept(run: Run): Promise<Run> {
  const own = { ...run, id: RunStore.newId() };
  await bench.deps.store.create(own, { name: own.id });
  return own;
}

async function reconciled(run: Run): Promise<{ now: Run; asked: string[]; result: ReconcileResult }> {
  const before = bench.arga.requests.length;
  const result = (await reconcileArga(bench.deps)(run)) ?? {};
  return { now: (await bench.deps.store.get(run)) ?? run, asked: bench.requestsSince(before), result };
}

describe("a start that Arga can't be asked for", () => {
  const asked = (ago: number) => kept(newRun({ requestedAt: Date.now() - ago, card: posted("requested") }));

  test("is tried for ten minutes, then given up, with the last reason", async () => {
    bench.arga.fault({ route: CREATE, status: 429 });
    const early = await reconciled(await asked(9.9 * MINUTE));
    expect(early.asked).toContain(CREATE);
    expect(early.now.phase).toEqual({ name: "requested", checked: true });
    expect(early.now.trouble?.with).toBe("arga");
    expect(early.result.requeueAt).toBeGreaterThan(Date.now());
    const run = await asked(10.1 * MINUTE);
    const trouble = { with: "arga", text: "Arga is busy.", since: Date.now() } as const;
    const late = await reconciled(
      (await bench.deps.store.update(run, (now) => ({ ...now, trouble }))) ?? run,
    );
    expect(late.asked).toEqual([]);
    expect(late.now).toMatchObject({
      phase: {
        name: "ended",
        outcome: "refused",
        why: "I tried for ten minutes and couldn't start it. Arga is busy.",
      },
    });
  });

  test("isn't sent before its card stands", async () => {
    const { now, asked: routes } = await reconciled(await kept(newRun({ requestedAt: Date.now() })));
    expect(routes).toEqual([]);
    expect(now.phase.name).toBe("requested");
  });

  test("that Arga refuses for good ends with Arga's words, after one try", async () => {
    bench.arga.fault({ route: CREATE, status: 422, body: { detail: "no such twin" } });
    const run = await kept(newRun({ requestedAt: Date.now(), card: posted("requested") }));
    const { now, asked: routes } = await reconciled(run);
    expect(routes).toEqual([CREATE]);
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "refused" } });
    expect(now.phase.name === "ended" && now.phase.why).toContain("no such twin");
  });
});

describe("a run that Arga doesn't know", () => {
  const young = (ago: number) =>
    kept(
      runIn("starting", {
        phase: { name: "starting", since: Date.now() - ago },
        arga: { id: GONE, status: "starting", links: [] },
        startedAt: Date.now() - ago,
        ttlMinutes: 60,
        deadline: { at: Date.now() + HOUR, remindAt: Date.now() + 55 * MINUTE, reminded: false },
      }),
    );

  test("right after its create is looked at again: it may not show yet", async () => {
    const { now, result } = await reconciled(await young(29 * SECOND));
    expect(now.phase.name).toBe("starting");
    expect(result.requeueAt).toBeGreaterThan(Date.now());
  });

  test("is gone half a minute after it", async () => {
    const { now } = await reconciled(await young(31 * SECOND));
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "torn_down" } });
  });

  test("expired, if its time was up, and was torn down, if that was asked for", async () => {
    const arga = { id: GONE, status: "ready", links: [{ label: "Stripe", url: "https://x.example" }] };
    const over = { at: Date.now() - SECOND, remindAt: 0, reminded: true };
    const expired = await reconciled(await kept(runIn("ready", { arga, deadline: over })));
    expect(expired.now).toMatchObject({ phase: { outcome: "expired" }, arga: { links: [] } });
    const left = { ...over, at: Date.now() + 2 * SECOND };
    const early = await reconciled(await kept(runIn("ready", { arga, deadline: left })));
    expect(early.now).toMatchObject({ phase: { outcome: "torn_down" } });
    const asked = await reconciled(await kept(runIn("ending", { arga, deadline: over })));
    expect(asked.now).toMatchObject({ phase: { outcome: "torn_down" } });
  });
});

test("Arga's silence after the end is taken for the end after a day, and not before", async () => {
  bench.arga.fault({ route: LOOK, status: 503 });
  const arga = { id: GONE, status: "ready", links: [] };
  const overFor = (ms: number) => ({ at: Date.now() - ms, remindAt: 0, reminded: true });
  const early = await reconciled(await kept(runIn("ready", { arga, deadline: overFor(23 * HOUR) })));
  expect(early.now).toMatchObject({ phase: { name: "ready" }, trouble: { with: "arga" } });
  const late = await reconciled(await kept(runIn("ready", { arga, deadline: overFor(25 * HOUR) })));
  expect(late.now).toMatchObject({
    phase: { outcome: "expired", why: "Arga stopped answering before it confirmed the end." },
  });
});

describe("an action that Arga can't be asked for", () => {
  /** Ready at Arga, with a lock that was asked for so long ago. */
  async function lockedAgo(ms: number, state = wishOf().state): Promise<Run> {
    const made = await bench.deps.arga.twinRuns.create({ twins: ["stripe"], ttl_minutes: 60 });
    const request = wishOf({ key: "a", at: Date.now() - ms, state });
    const deadline = { at: Date.now() + HOUR, remindAt: Date.now() + 55 * MINUTE, reminded: false };
    const arga = { id: made.run_id, status: "ready", links: [], isPublic: true };
    return await kept(runIn("ready", { arga, deadline, actionRequests: [request] }));
  }

  test("is tried for five minutes, and then refused with a reply", async () => {
    bench.arga.fault({ route: LOCK, status: 429 });
    const early = await reconciled(await lockedAgo(4.9 * MINUTE));
    expect(early.asked).toContain(LOCK);
    expect(early.now.actionRequests).toMatchObject([{ key: "a", state: { name: "pending" } }]);
    expect(early.now.outbox.filter(({ to }) => to === "person")).toEqual([]);
    const late = await reconciled(await lockedAgo(5.1 * MINUTE));
    expect(late.now.actionRequests).toEqual([]);
    expect(late.now.outbox.map(({ key }) => key)).toContain("not_done:a");
  });

  test("is asked for once, though two jobs are at it", async () => {
    const run = await lockedAgo(0);
    const before = bench.arga.requests.length;
    await reconcileArga(bench.deps)(run);
    await reconcileArga(bench.deps)(run);
    expect(bench.requestsSince(before).filter((route) => route === LOCK)).toHaveLength(1);
    const told = (await bench.deps.store.get(run))?.outbox.map(({ key }) => key);
    expect(told).toEqual(expect.arrayContaining(["acted:a", "done:a"]));
  });

  test("is answered when the run has ended before its turn", async () => {
    const ended = await kept(runIn("ended", { actionRequests: [wishOf({ key: "a" })] }));
    const { now, asked } = await reconciled(ended);
    expect(asked).toEqual([]);
    expect(now.outbox).toMatchObject([
      { key: "not_done:a", what: { type: "not_done", action: "lock", why: "it has already ended" } },
    ]);
  });
});

test("each open wish is carried out: one that is done answers none of another kind or length", async () => {
  const made = await bench.deps.arga.twinRuns.create({ twins: ["stripe"], ttl_minutes: 30 });
  const arga = { id: made.run_id, status: "ready", links: [], isPublic: true };
  const deadline = { at: Date.now() + 30 * MINUTE, remindAt: Date.now() + 25 * MINUTE, reminded: false };
  const extend = (key: string, minutes: number) => wishOf({ key, action: "extend", minutes, at: Date.now() });
  const actionRequests = [
    extend("a", 60),
    extend("b", 120),
    wishOf({ key: "c", at: Date.now() }),
    wishOf({ key: "d", action: "reset", at: Date.now() }),
  ];
  const run = await kept(runIn("ready", { arga, deadline, actionRequests }));
  const before = bench.arga.requests.length;
  await reconcileArga(bench.deps)(run);
  const sent = bench.requestsSince(before).filter((route) => route.startsWith("POST"));
  expect(sent).toEqual([
    "POST /twin-runs/{run_id}/extend",
    "POST /twin-runs/{run_id}/extend",
    LOCK,
    "POST /validate/twins/provision/{run_id}/reset",
  ]);
  const told = (await bench.deps.store.get(run))?.outbox.map(({ key }) => key);
  expect(told).toEqual(expect.arrayContaining(["acted:a", "acted:b", "acted:c", "acted:d"]));
});

test.each([
  ["whose card shows an older phase", { card: posted("ready") }, ["slack"]],
  [
    "whose end is still to be told",
    { outbox: [{ to: "thread", key: "ended", what: { type: "ended" } }] },
    ["slack"],
  ],
  ["that is told and shown", {}, []],
] satisfies [string, Partial<Run>, string[]][])(
  "a run %s: whoever tells Slack is poked, or not",
  async (_, more, expected) => {
    const run = await kept(runIn("ended", more));
    const poked: string[] = [];
    const queues = new Proxy(bench.deps.queues, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (queue: string, ...rest: unknown[]) => {
          poked.push(queue);
          return value.call(target, queue, ...rest);
        };
      },
    });
    await reconcileArga({ ...bench.deps, queues })(run);
    expect(poked).toEqual(expected);
  },
);
