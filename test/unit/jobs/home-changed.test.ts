import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { refreshHomesOf, thenRefreshHomes } from "../../../src/jobs/home/changed.ts";
import type { Run } from "../../../src/runs/run.ts";
import { VIEWING_MS } from "../../../src/store/app-home.ts";
import { type Bench, startBench } from "../support/home-bench.ts";
import { MINUTE, NOW } from "../support/runs.ts";

let bench: Bench;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  bench = await startBench();
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const idOf = (user: string): string => bench.of(user).user;
const publishes = () => bench.slack.log.filter(({ method }) => method === "views.publish");
/** The step of someone's Home. */
const look = (user: string) => bench.step(idOf(user));
const ended = (run: Run, more: Partial<Run> = {}): Run => ({
  ...run,
  phase: { name: "ended", at: Date.now(), outcome: "torn_down" },
  ...more,
});
const change = async (run: Run, by: (run: Run) => Run): Promise<Run> => {
  const next = await bench.side.store.update(run, by);
  if (!next) throw new Error("the run is gone");
  await refreshHomesOf(bench.side, next);
  return next;
};

describe("a change of a run", () => {
  test("concerns nobody where no Home is open, and is one command", async () => {
    const run = await bench.keep("alice");
    const sent = vi.spyOn(bench.redis, "sendCommand");
    await refreshHomesOf(bench.side, run);
    await refreshHomesOf(bench.side, run);
    // The queues' own commands go through the same connection.
    const ours = sent.mock.calls.filter(([command]) => !String(command.args).includes("test:queue"));
    expect(ours.filter(([{ name }]) => /^eval(sha)?$/.test(name))).toHaveLength(2);
    expect(ours.filter(([{ name }]) => ["get", "set", "zadd", "hmget"].includes(name))).toEqual([]);
    expect(await bench.poked()).toEqual([]);
  });

  test("concerns its requester for days, others only while they look", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    await bench.open("bob");
    await bench.poked();
    const locked = await change(run, (now) => ({ ...now, phase: { name: "ending", since: NOW } }));
    expect(await bench.poked()).toEqual([idOf("alice"), idOf("bob")].sort());
    later(VIEWING_MS + 1);
    await change(locked, ended);
    expect(await bench.poked()).toEqual([idOf("alice")]);
    later(8 * 24 * 60 * MINUTE);
    await change(run, (now) => ended(now, { phase: { name: "ended", at: NOW, outcome: "failed" } }));
    expect(await bench.poked()).toEqual([]);
  });

  test("that is hidden concerns its requester alone", async () => {
    const run = await bench.keep("alice", { hidden: true });
    await bench.open("alice");
    await bench.open("bob");
    await bench.poked();
    await change(run, ended);
    expect(await bench.poked()).toEqual([idOf("alice")]);
  });

  test("that does not show concerns nobody", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    await refreshHomesOf(bench.side, run);
    await bench.poked();
    await change(run, (now) => ({ ...now, seenKeys: ["x"] }));
    expect(await bench.poked()).toEqual([]);
  });

  test("is told again by whoever comes next if the one who was to tell it died", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    await bench.poked();
    const { homes } = bench.side;
    await homes.changed({ run, fingerprint: "new" });
    expect(await homes.changed({ run, fingerprint: "new" })).toEqual([idOf("alice")]);
    await homes.shown({ run, fingerprint: "new" });
    expect(await homes.changed({ run, fingerprint: "new" })).toEqual([]);
  });

  test("is told after the step that made it, however that went", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    await bench.poked();
    const step = thenRefreshHomes(bench.side, async () => {
      throw new Error("Slack is away");
    });
    await expect(step(run)).rejects.toThrow("Slack is away");
    expect(await bench.poked()).toEqual([idOf("alice")]);
  });

  test("many are one view", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    later(100);
    await change(run, (now) => ({ ...now, phase: { name: "ending", since: NOW } }));
    const early = await look("alice");
    expect(early?.requeueAt).toBe(NOW + 2_000);
    await change(run, ended);
    expect(publishes()).toHaveLength(1);
    later(2_000);
    const outlook = await look("alice");
    expect(await outlook?.isStale?.()).toBe(false);
    expect(publishes()).toHaveLength(2);
    expect(bench.home("alice")).toContain(`run:${run.id}:2`);
  });

  test("that came while the step was at work has it look again", async () => {
    const run = await bench.keep("alice");
    await bench.open("alice");
    later(3_000);
    const outlook = await look("alice");
    expect(await outlook?.isStale?.()).toBe(false);
    await change(run, ended);
    expect(await outlook?.isStale?.()).toBe(true);
  });

  test("that leaves the view as it was publishes nothing", async () => {
    await bench.keep("alice", { deadline: { at: NOW + 100 * MINUTE, remindAt: NOW, reminded: false } });
    await bench.open("alice");
    later(3_000);
    await look("alice");
    later(MINUTE);
    await look("alice");
    expect(publishes()).toHaveLength(1);
  });
});

test("of many results, the newest 200 are listed", async () => {
  for (let n = 0; n < 205; n++) {
    const run = await bench.keep("alice");
    await change(run, (now) => ended(now, { phase: { name: "ended", at: NOW + n, outcome: "passed" } }));
  }
  expect(await bench.side.homes.ends(bench.slack.teamId)).toHaveLength(200);
  await bench.open("alice");
  expect(bench.home("alice")).toContain("Recent results · 1 to 6 of 200");
});
