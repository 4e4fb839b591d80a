import { expect, test } from "vitest";
import { nextLookAt } from "../../../src/jobs/arga/schedule.ts";
import type { Run } from "../../../src/runs/run.ts";
import { MINUTE, NOW, runIn } from "../support/runs.ts";

const HOUR = 60 * MINUTE;

function looks(run: Run, from: number, until: number): number {
  let count = 0;
  for (let at = nextLookAt(run, from) ?? until; at < until; at = nextLookAt(run, at) ?? until) count++;
  return count;
}

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
