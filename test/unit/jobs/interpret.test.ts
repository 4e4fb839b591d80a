import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ArgaGone, ArgaNotFound } from "../../../src/api/errors.ts";
import { endIn, interpret, overdue } from "../../../src/jobs/arga/interpret.ts";
import type { Run } from "../../../src/runs/run.ts";
import type { Observation } from "../../../src/runs/transitions.ts";
import { ownClock } from "../support/notices.ts";
import { MINUTE, NOW, newRun, runIn } from "../support/runs.ts";

/** What Arga's words, its errors and its silence mean, to the millisecond. */

beforeEach(ownClock);
afterEach(() => void vi.useRealTimers());
const at = (moment: number): void => void vi.setSystemTime(moment);

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const says = (status: string, more: Partial<Observation> = {}): Observation => ({
  arga: { status, links: [] },
  ...more,
});
const timed = (more: Partial<Run> = {}): Run => runIn("ready", { ttlMinutes: 60, ...more });
const testRun = (more: Partial<Run> = {}): Run =>
  runIn("running", {
    kind: "test",
    spec: { url: "https://shop.example.com", prompt: "pay" },
    startedAt: NOW,
    ...more,
  });

describe("a word that nobody knows", () => {
  const odd = says("hibernating");

  test("is an end two minutes after the end was asked for", () => {
    const ending = runIn("ending", { ttlMinutes: 60 });
    at(NOW + 2 * MINUTE);
    expect(interpret(ending, odd)).toBe(odd);
    at(NOW + 2 * MINUTE + 1);
    expect(interpret(ending, odd)).toMatchObject({ state: "ended", outcome: "torn_down" });
  });

  test("is an end two minutes after the time was up", () => {
    at(NOW + HOUR + 2 * MINUTE);
    expect(interpret(timed(), odd)).toBe(odd);
    at(NOW + HOUR + 2 * MINUTE + 1);
    expect(interpret(timed(), odd)).toMatchObject({ state: "ended", outcome: "expired" });
  });

  test("is none while the run has links, nor is a word that's known", () => {
    at(NOW + 2 * HOUR);
    const linked = says("hibernating", {
      arga: { status: "hibernating", links: [{ label: "Stripe", url: "https://a.example" }] },
    });
    expect(interpret(timed(), linked)).toBe(linked);
    const known = says("cleaning_up", { state: "ending" });
    expect(interpret(timed(), known)).toBe(known);
  });
});

describe("silence", () => {
  test.each([
    [false, DAY, 'Arga says "running" and has shown nothing new for a day, so I stopped watching.'],
    [
      true,
      HOUR / 2,
      'Arga says "running", which I don\'t know, and has shown nothing new for half an hour, so I stopped watching.',
    ],
  ])("of a test, its word being odd: %s, is its end after %d ms", (isOdd, ms, why) => {
    const seen = says("running", { isOdd });
    at(NOW + ms);
    expect(interpret(testRun(), seen)).toBe(seen);
    at(NOW + ms + 1);
    expect(interpret(testRun(), seen)).toMatchObject({ state: "ended", outcome: "lost", why });
    // As of the last that was heard of it.
    expect(interpret(testRun({ newsAt: NOW + 1 }), seen)).toBe(seen);
  });

  test("says nothing of a run that never started, of one with a time to live, and of one that is over", () => {
    at(NOW + 2 * DAY);
    const { startedAt: _, ...never } = testRun();
    const seen = says("running");
    expect(interpret(never, seen)).toBe(seen);
    const ready = says("ready", { state: "ready" });
    expect(interpret(timed(), ready)).toBe(ready);
    const passed = says("passed", { state: "ended", outcome: "passed" });
    expect(interpret(testRun(), passed)).toBe(passed);
  });
});

describe("an error", () => {
  const gone = new ArgaGone("gone", { route: "GET /twin-runs/{run_id}", sent: "refused" });
  const unknown = new ArgaNotFound("not found", { route: "GET /twin-runs/{run_id}", sent: "refused" });

  test("says that a run was destroyed, or isn't there", () => {
    expect(endIn(timed(), gone)).toEqual({
      state: "ended",
      outcome: "torn_down",
      arga: { status: "ready", isPublic: true, links: [] },
    });
    expect(endIn(timed(), unknown)).toMatchObject({ outcome: "torn_down" });
    expect(endIn(runIn("ending", { ttlMinutes: 60 }), gone)).toMatchObject({ outcome: "torn_down" });
    expect(endIn(newRun(), gone)).toMatchObject({ arga: { status: "", links: [] } });
  });

  test("a second before the time is up or later, the run expired", () => {
    at(NOW + HOUR - 1_001);
    expect(endIn(timed(), gone)).toMatchObject({ outcome: "torn_down" });
    at(NOW + HOUR - 1_000);
    expect(endIn(timed(), gone)).toMatchObject({ outcome: "expired" });
    expect(endIn(runIn("ending", { ttlMinutes: 60 }), gone)).toMatchObject({ outcome: "torn_down" });
  });

  test("of a test is a failure, or what was asked for", () => {
    expect(endIn(testRun(), gone)).toMatchObject({ outcome: "failed" });
    expect(endIn(testRun({ phase: { name: "ending", since: NOW } }), gone)).toMatchObject({
      outcome: "cancelled",
    });
  });

  test("of a run that Arga may not know yet says nothing for half a minute", () => {
    const starting = runIn("starting");
    at(NOW + 29_999);
    expect(endIn(starting, unknown)).toBeUndefined();
    expect(endIn(starting, gone)).toBeDefined();
    at(NOW + 30_000);
    expect(endIn(starting, unknown)).toBeDefined();
  });
});

test("a run of which nothing can be asked is over a day after its time was up", () => {
  at(NOW + HOUR + DAY - 1);
  expect(overdue(timed())).toBeUndefined();
  at(NOW + HOUR + DAY);
  expect(overdue(timed())).toEqual({
    state: "ended",
    outcome: "expired",
    why: "Arga stopped answering before it confirmed the end.",
    arga: { id: timed().arga?.id, status: "ready", isPublic: true, links: [] },
  });
  const { deadline: _, ...endless } = testRun();
  expect(overdue(endless)).toBeUndefined();
});
