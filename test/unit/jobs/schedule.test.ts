import { expect, test } from "vitest";
import { Lifetimes } from "../../../src/jobs/arga/lifetimes.ts";
import { nextLookAt } from "../../../src/jobs/arga/schedule.ts";
import type { Run } from "../../../src/runs/run.ts";
import { MINUTE, NOW, runIn } from "../support/runs.ts";

const HOUR = 60 * MINUTE;

function looks(run: Run, from: number, until: number): number {
  let count = 0;
  for (let at = nextLookAt(run, from) ?? until; at < until; at = nextLookAt(run, at) ?? until) count++;
  return count;
}

test("a run is seldom looked at before it is likely to be ready, and often while it is", () => {
  const lifetimes = new Lifetimes();
  const starting = runIn("starting", { startedAt: NOW });
  for (const took of [8_000, 8_300, 8_600]) {
    expect(lifetimes.likely("twin")).toBeUndefined();
    const at = Date.now() - took;
    lifetimes.note(runIn("starting", { startedAt: at }), runIn("ready", { startedAt: at }));
  }
  const likely = lifetimes.likely("twin");
  const times: number[] = [];
  for (let at = NOW; at < NOW + 10_000; at = nextLookAt(starting, at, likely) ?? at) times.push(at - NOW);
  expect(times.filter((at) => at > 0 && at < 7_000)).toEqual([]);
  expect(times.filter((at) => at > 7_000 && at < 9_000).length).toBeGreaterThanOrEqual(4);
  // Later than ever: as if nothing were known.
  expect(nextLookAt(starting, NOW + 60_000, likely)).toBeGreaterThan(NOW + 61_000);
});

test("what people ended themselves says nothing of how long it takes", () => {
  const lifetimes = new Lifetimes();
  const before = runIn("starting", { startedAt: NOW });
  for (let n = 0; n < 5; n++) lifetimes.note(before, runIn("ended", { startedAt: NOW }));
  lifetimes.note(runIn("ready", { startedAt: NOW }), runIn("ready", { startedAt: NOW }));
  expect(lifetimes.likely("twin")).toBeUndefined();
});

const twin = runIn("ready", {
  deadline: { at: NOW + 8 * HOUR, remindAt: NOW + 8 * HOUR - 5 * MINUTE, reminded: true },
});

test("an idle twin is looked at once in four minutes: it was twice a minute", () => {
  const idle = looks(twin, NOW + 2 * MINUTE, NOW + 7 * HOUR);
  expect(idle / (7 * 60 - 2)).toBeLessThanOrEqual(0.25);
  expect(idle).toBeGreaterThan(60);
});

test("a twin is looked at more often after something happened, and near its end", () => {
  expect(looks(twin, NOW, NOW + MINUTE)).toBeGreaterThanOrEqual(1);
  const pressed = { ...twin, newsAt: NOW + 3 * HOUR };
  expect(nextLookAt(pressed, NOW + 3 * HOUR)).toBeLessThan(NOW + 3 * HOUR + MINUTE);
  const near = NOW + 8 * HOUR - 4 * MINUTE;
  expect(looks(twin, near, NOW + 8 * HOUR)).toBeGreaterThanOrEqual(6);
});
