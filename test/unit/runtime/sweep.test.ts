import { Queue } from "bullmq";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { queuePrefix } from "../../../src/jobs/queues.ts";
import { reconcileSlack } from "../../../src/jobs/slack/reconcile.ts";
import type { Run } from "../../../src/runs/run.ts";
import { sweepInTurn, sweepNow } from "../../../src/runtime/sweep.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type Bench, startBench } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

let bench: Bench;
let queues: Record<"arga" | "slack", Queue>;

beforeEach(async () => {
  bench = await startBench();
  const open = (name: string): Queue =>
    new Queue(name, { connection: bench.redis, prefix: queuePrefix("test") });
  queues = { arga: open("arga"), slack: open("slack") };
});

afterEach(async () => {
  await Promise.all(Object.values(queues).map((queue) => queue.close()));
  await bench.stop();
});

async function kept(more: Partial<Run> = {}): Promise<Run> {
  const { slack, side } = bench;
  const requester = { id: slack.user("alice").id, name: "ada" };
  const channel = slack.channel("dev").id;
  const run = newRun({ requestedAt: Date.now(), ...more });
  const own = { ...run, team: slack.teamId, id: RunStore.newId(), channel, requester };
  await side.store.create(own, { name: own.id });
  return own;
}

const waiting = async (queue: "arga" | "slack"): Promise<string[]> => {
  const jobs = await queues[queue].getJobs(["waiting", "prioritized", "delayed"]);
  return jobs.map(({ data }) => (data as { id: string }).id).sort();
};

/** Commands that came from outside while `work` was done, those of scripts left out. */
async function roundTrips(work: () => Promise<void>): Promise<number> {
  const monitor = await bench.redis.monitor();
  const seen: string[] = [];
  monitor.on("monitor", (_time: string, [command = ""]: string[], source: string) => {
    if (source !== "lua" && source !== "") seen.push(command);
  });
  await work();
  await bench.redis.echo("done");
  await expect.poll(() => seen.includes("echo")).toBe(true);
  monitor.disconnect();
  return seen.filter((command) => command !== "echo").length;
}

describe("the sweep", () => {
  test("finds what was lost between a record and its queues", async () => {
    const run = await kept();
    await sweepNow(bench.side);
    expect(await waiting("arga")).toEqual([run.id]);
    expect(await waiting("slack")).toEqual([run.id]);
  });

  test("finds a job that is gone though its name is still there", async () => {
    const run = await kept();
    await bench.side.queues.enqueue("arga", run);
    const [job] = await queues.arga.getJobs(["waiting"]);
    await bench.redis.del(`${queues.arga.toKey(job?.id ?? "")}`, queues.arga.toKey("wait"));
    await sweepNow(bench.side);
    expect(await waiting("arga")).toEqual([run.id]);
  });

  test("leaves alone what has its job, and when", async () => {
    const run = await kept();
    for (const name of ["arga", "slack"] as const)
      await bench.side.queues.enqueueAt(name, run, Date.now() + 60_000);
    await sweepNow(bench.side);
    expect(await queues.arga.getDelayedCount()).toBe(1);
    expect(await queues.slack.getDelayedCount()).toBe(1);
    expect(await queues.arga.getWaitingCount()).toBe(0);
  });

  test("has Slack's side of an idle twin looked at once and not twice a minute, until it changes", async () => {
    const { side } = bench;
    const first = await kept();
    await reconcileSlack(side)(first);
    const { phase, arga } = runIn("ready");
    await side.store.updateNewest(first, (now) => ({
      ...now,
      phase,
      ...(arga ? { arga } : {}),
      card: { ...now.card, hash: "" } as Run["card"],
    }));
    await reconcileSlack(side)(first);
    await queues.slack.obliterate({ force: true });
    await sweepNow(side);
    expect(await waiting("slack")).toEqual([]);
    expect(await waiting("arga")).toEqual([first.id]);
    await side.store.updateNewest(first, (now) => ({ ...now, ttlMinutes: 90 }));
    await sweepNow(side);
    expect(await waiting("slack")).toEqual([first.id]);
  });

  test("costs as many commands for a hundred idle runs as for ten, but for one reading of each", async () => {
    const { side } = bench;
    for (let n = 0; n < 10; n++) await side.queues.enqueueAt("arga", await kept(), Date.now() + 600_000);
    for (const run of await side.store.liveRuns()) await side.store.noteTold(run);
    const few = await roundTrips(() => sweepNow(side));
    for (let n = 0; n < 90; n++) {
      const run = await kept();
      await side.queues.enqueueAt("arga", run, Date.now() + 600_000);
      await side.store.noteTold(run);
    }
    expect(await roundTrips(() => sweepNow(side))).toBe(few + 90);
  });

  test("spreads many lost jobs, so that a start with many runs has time for commands", async () => {
    for (let n = 0; n < 250; n++) await kept();
    await sweepNow(bench.side);
    expect(await queues.arga.getWaitingCount()).toBe(201);
    expect(await queues.arga.getDelayedCount()).toBe(49);
  });

  test("is one process's work at a time, but one that starts begins at once", async () => {
    await sweepInTurn(bench.side);
    const run = await kept();
    await sweepInTurn(bench.side);
    expect(await waiting("arga")).toEqual([]);
    await sweepNow(bench.side);
    expect(await waiting("arga")).toEqual([run.id]);
  });
});
