import { afterEach, describe, expect, test, vi } from "vitest";
import { ArgaFailed } from "../../../src/api/errors.ts";
import { Lifetimes } from "../../../src/jobs/arga/lifetimes.ts";
import { nextLookAt, retryAt } from "../../../src/jobs/arga/schedule.ts";
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
  const near = times.filter((at) => at > 7_000 && at < 9_000);
  expect(near[0]).toBeLessThan(8_000);
  for (const [n, at] of near.entries()) expect(at - (near[n - 1] ?? at)).toBeLessThanOrEqual(1_000);
  expect(near.length).toBeGreaterThanOrEqual(3);
  // Later than ever: as if nothing were known.
  expect(nextLookAt(starting, NOW + 60_000, likely)).toBeGreaterThan(NOW + 61_000);
});

test("what is likely is known in whole ms: a look a thousandth too soon would be followed by one at once", () => {
  const lifetimes = new Lifetimes();
  for (const took of [8_013, 8_017, 8_033]) {
    const ended: Run["phase"] = { name: "ended", at: NOW + took, outcome: "passed" };
    const before = runIn("running", { kind: "test", startedAt: NOW });
    lifetimes.note(before, { ...before, phase: ended });
  }
  // 98 % of the shortest, 103 % of the longest.
  expect(lifetimes.likely("test")).toEqual({ from: 7_852, to: 8_274 });
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

describe("in the middle of what is drawn", () => {
  afterEach(() => void vi.restoreAllMocks());
  const SECOND = 1_000;
  /** Seconds to the next look of a run that has been in its phase for so many. */
  function wait(run: Run, seconds: number): number | undefined {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const now = NOW + seconds * SECOND;
    const at = nextLookAt(run, now);
    return at === undefined ? undefined : Math.round((at - now) / 10) / 100;
  }

  test.each([
    [0, 1.5],
    [29.9, 1.5],
    [30, 2],
    [119.9, 2],
    [120, 5],
    [599.9, 5],
    [600, 30],
    [86_400, 30],
  ])("what changes is looked at the less the longer it lasts: after %d s, in %d s", (age, seconds) => {
    for (const phase of ["starting", "running", "ending"] as const)
      expect(wait(runIn(phase), age)).toBe(seconds);
  });

  test("what isn't asked of Arga yet is looked at in fifteen seconds, what is over or being created not at all", () => {
    expect(wait(runIn("requested"), 0)).toBe(15);
    expect(wait(runIn("creating"), 0)).toBeUndefined();
    expect(wait(runIn("ended"), 0)).toBeUndefined();
  });

  test.each([
    [0, 50],
    [39.9, 50],
    [40, 300],
    // From five minutes before its end on.
    [8 * 3600 - 300 - 1, 1.25 + 300],
    [8 * 3600 - 299, 30],
    [8 * 3600 - 10, 10.25],
    // After it as after a start, until Arga says that it ended.
    [8 * 3600, 1.5],
    [8 * 3600 + 30, 2],
  ])("a twin that is ready: after %d s, in %d s", (age, seconds) => {
    expect(wait(twin, age)).toBe(Math.min(seconds, 300));
  });

  test("a twin is looked at for its reminder, unless that was told", () => {
    const deadline = { at: NOW + 8 * HOUR, remindAt: NOW + 2 * MINUTE, reminded: false };
    expect(wait({ ...twin, deadline }, 61)).toBe(59);
    expect(wait({ ...twin, deadline }, 120)).toBe(300);
    expect(wait({ ...twin, deadline: { ...deadline, reminded: true } }, 61)).toBe(300);
  });
});

describe("what Arga couldn't be asked is tried again", () => {
  const wait = (error: { retryAfterMs?: number } = {}, since?: number): number => {
    const trouble = since === undefined ? {} : { trouble: { with: "arga" as const, text: "away", since } };
    const failed = new ArgaFailed("Arga is away", { route: "GET /twins", sent: "maybe", ...error });
    return retryAt(runIn("ready", trouble), failed) - Date.now();
  };
  /** At the middle of what is drawn. */
  const on = (drawn: number): void => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    vi.spyOn(Math, "random").mockReturnValue(drawn);
  };
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("a second later, and the later the longer it lasts, up to half a minute", () => {
    on(0.5);
    expect(wait()).toBeCloseTo(1_000);
    expect(wait({}, NOW)).toBeCloseTo(1_000);
    expect(wait({}, NOW - 8_000)).toBeCloseTo(3_000);
    expect(wait({}, NOW - 116_000)).toBeCloseTo(30_000);
    expect(wait({}, NOW - HOUR)).toBeCloseTo(30_000);
  });

  test("when Arga says, whatever lasted", () => {
    on(0.5);
    expect(wait({ retryAfterMs: 9_000 }, NOW - HOUR)).toBeCloseTo(9_000);
  });

  test.each([
    [0, 800],
    [1, 1_200],
  ])("give or take a fifth, so that not all come back at once (%d: %i ms)", (drawn, ms) => {
    on(drawn);
    expect(wait()).toBeCloseTo(ms);
  });
});
