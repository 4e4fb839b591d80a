import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { placed } from "../../../src/jobs/slack/place.ts";
import type { Run } from "../../../src/runs/run.ts";
import { type Bench, ownClock, startBench } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

let bench: Bench;

beforeEach(async () => {
  ownClock();
  bench = await startBench();
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

/** A run that its record takes for public, in that channel. */
async function runAt(channel: string, more: Partial<Run> = {}): Promise<Run> {
  const place = { team: bench.slack.teamId, channel: bench.slack.channel(channel).id };
  const run = newRun({ ...runIn("ready", place), id: `x${Math.random()}`, ...more });
  await bench.side.store.create(run, { name: run.id });
  return run;
}

const looks = (): number => bench.slack.log.filter(({ method }) => method === "conversations.info").length;

test("a run whose channel is private, or has become so, is hidden though its record says otherwise", async () => {
  const run = await runAt("secret");
  expect((await placed(bench.side, run)).hidden).toBe(true);
  expect((await bench.side.store.get(run))?.hidden).toBe(true);
});

test("those that ended in the channel before are hidden with it, and stay over", async () => {
  const { store } = bench.side;
  const phase = { name: "ended" as const, at: Date.now(), outcome: "torn_down" as const };
  const ended = await runAt("secret", { phase, card: { state: "none" } });
  await store.update(
    ended,
    (run) => ({ ...run, tookMs: 1 }),
    () => true,
  );
  const elsewhere = await runAt("dev");
  const live = await runAt("secret");
  await placed(bench.side, live);
  expect((await store.get(ended))?.hidden).toBe(true);
  expect((await store.get(elsewhere))?.hidden).toBe(false);
  expect((await store.live()).map(({ id }) => id).sort()).toEqual([elsewhere.id, live.id].sort());
});

test("a run of a public channel stays as it is, and its channel is asked about once a minute for all its runs", async () => {
  for (let n = 0; n < 5; n++) {
    const run = await runAt("dev");
    expect(await placed(bench.side, run)).toBe(run);
  }
  expect(looks()).toBe(1);
  vi.setSystemTime(Date.now() + 60_000);
  await placed(bench.side, await runAt("dev"));
  expect(looks()).toBe(2);
});

test("nobody waits for it: it isn't asked before the card stands, and an outage of Slack's hides nothing", async () => {
  await placed(bench.side, await runAt("dev", { card: { state: "due" } }));
  expect(looks()).toBe(0);
  bench.slack.fault({ method: "conversations.info", error: "internal_error" });
  const run = await runAt("dev");
  expect(await placed(bench.side, run)).toBe(run);
});
