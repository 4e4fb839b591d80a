import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FaultRule, SlackMessage } from "../../../sim/slack/server.ts";
import { reconcileNotices } from "../../../src/jobs/notices/reconcile.ts";
import { announced } from "../../../src/jobs/slack/reconcile.ts";
import type { Run } from "../../../src/runs/run.ts";
import { textOf } from "../../support/life.ts";
import { type RedisProxy, startRedisProxy } from "../../support/redis-proxy.ts";
import {
  type Bench,
  noticesIn,
  ownClock,
  runThat,
  settle,
  startBench,
  subscribeIn,
  tellRun,
} from "../support/notices.ts";

let bench: Bench;

beforeEach(async () => {
  ownClock();
  bench = await startBench();
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const POST = "chat.postMessage";
const refOf = (channel: string) => ({ team: bench.slack.teamId, id: bench.slack.channel(channel).id });

/** The messages of a channel that tell of a run. */
const tellingOf = (run: Pick<Run, "id">, channel = "dev"): SlackMessage[] =>
  noticesIn(bench.slack, channel).filter((message) => textOf(message).includes(`\`${run.id}\``));

describe("whenever the process dies", () => {
  /** Does in a process what is to be done, until it is dead; then another does all of it again. */
  async function dyingAt(proxy: RedisProxy, n: number): Promise<{ run: Run; hasDied: boolean }> {
    const { run, message } = await runThat(bench, "failed");
    let hasDied = false;
    const dying = bench.sideOn(proxy.url);
    await dying.side.boards.live();
    proxy.stopAt(n, () => {
      hasDied = true;
    });
    await announced(dying.side, run, message)
      .then(() => settle({ ...bench, side: dying.side }))
      .catch(() => {});
    dying.end();
    const left = await bench.side.store.get(run);
    if (left?.outbox.some(({ to }) => to === "subscribers")) await announced(bench.side, left, message);
    await settle(bench);
    return { run, hasDied };
  }

  test("before any of its writes, the notice is told once", { timeout: 60_000 }, async () => {
    await subscribeIn(bench, "dev");
    const proxy = await startRedisProxy(bench.server.path);
    try {
      let steps = 0;
      for (let hasDied = true; hasDied && steps < 100; steps++) {
        const died = await dyingAt(proxy, steps);
        hasDied = died.hasDied;
        expect(tellingOf(died.run), `killed before write ${steps}`).toHaveLength(1);
      }
      expect(steps).toBeGreaterThan(8);
      expect(steps).toBeLessThan(100);
    } finally {
      await proxy.close();
    }
  });

  test("while a post is under way that Slack applies, it is told once", async () => {
    await subscribeIn(bench, "dev");
    bench.slack.fault({ method: POST, times: 1, action: "lose" });
    const run = await tellRun(bench, "failed");
    const due = (await reconcileNotices(bench.side)(refOf("dev")))?.requeueAt ?? 0;
    vi.setSystemTime(due);
    await reconcileNotices(bench.side)(refOf("dev"));
    expect(tellingOf(run)).toHaveLength(1);
    await settle(bench);
    expect(tellingOf(run)).toHaveLength(1);
  });

  test("two workers at the same board tell it once", async () => {
    await subscribeIn(bench, "dev");
    const runs = [await tellRun(bench, "failed"), await tellRun(bench, "completed")];
    await Promise.all([settle(bench), settle(bench), settle(bench)]);
    for (const run of runs) expect(tellingOf(run)).toHaveLength(1);
  });
});

/** What may happen, in any order. */
const happening: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constant("failed" as const), weight: 4 },
  { arbitrary: fc.constant("completed" as const), weight: 4 },
  { arbitrary: fc.constant("again" as const), weight: 2 },
  { arbitrary: fc.constant("look" as const), weight: 3 },
  { arbitrary: fc.constantFrom("lose", "reset", "429", "502"), weight: 2 },
);

const FAULTS: Record<string, FaultRule> = {
  lose: { action: "lose" },
  reset: { action: "reset" },
  "429": { retryAfter: 3 },
  "502": { status: 502 },
};

type Told = Awaited<ReturnType<typeof runThat>>;

async function happen(what: string, told: Told[]): Promise<void> {
  const fault = FAULTS[what];
  if (fault) bench.slack.fault({ method: POST, times: 1, ...fault });
  if (what === "look") await look();
  if (what === "again") for (const { run, message } of told) await announced(bench.side, run, message);
  if (what !== "failed" && what !== "completed") return;
  const next = await runThat(bench, what);
  told.push(next);
  await announced(bench.side, next.run, next.message);
}

async function look(): Promise<void> {
  for (const channel of ["dev", "ops"]) {
    const outlook = await reconcileNotices(bench.side)(refOf(channel));
    vi.setSystemTime(Math.max(Date.now(), outlook?.requeueAt ?? 0));
  }
}

test("in any order of events, repetitions and failures, each is told once in each channel", {
  timeout: 120_000,
}, async () => {
  await subscribeIn(bench, "dev");
  await subscribeIn(bench, "ops", { events: ["failed"] });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
      const told: Told[] = [];
      for (const what of happenings) await happen(what, told);
      await settle(bench);
      await settle(bench, "ops");
      bench.slack.clearFaults();
      for (const { run, message } of told) {
        expect(tellingOf(run)).toHaveLength(1);
        expect(tellingOf(run, "ops")).toHaveLength(message.what.event === "failed" ? 1 : 0);
      }
    }),
    { numRuns: 60 },
  );
});
