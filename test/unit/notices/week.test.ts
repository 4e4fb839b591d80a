import { describe, expect, test } from "vitest";
import { kindOf } from "../../../src/kinds/index.ts";
import { type EndedRun, endedRun, WEEK_MS, weekOf } from "../../../src/notices/week.ts";
import { MINUTE, NOW, runIn } from "../support/runs.ts";

const DAY = 24 * 60 * MINUTE;
let runs = 0;

const ended = (more: Partial<EndedRun> = {}): EndedRun => ({
  run: `r${runs++}`,
  kind: "test",
  title: "Checkout",
  outcome: "passed",
  twins: 0,
  channel: "C0DEV",
  at: NOW - DAY,
  ...more,
});

const times = (count: number, more: Partial<EndedRun> = {}): EndedRun[] =>
  Array.from({ length: count }, () => ended(more));

describe("a week's figures", () => {
  test("count each kind, most first, and hold passed against failed", () => {
    const week = weekOf(
      [
        ...times(3),
        ended({ outcome: "failed" }),
        ended({ outcome: "cancelled" }),
        ended({ outcome: "lost" }),
        ...times(2, { kind: "twin", outcome: "torn_down" }),
        // Arga could not provide it; that is no test's result.
        ended({ kind: "twin", outcome: "failed" }),
      ],
      "C0DEV",
      NOW,
    );
    expect(week).toMatchObject({ passed: 3, failed: 1, from: NOW - WEEK_MS, until: NOW });
    expect(week.kinds).toEqual([
      { kind: "test", count: 6 },
      { kind: "twin", count: 3 },
    ]);
  });

  test("count a run in one week and in no other", () => {
    const at = (moment: number): EndedRun => ended({ at: moment });
    const all = [at(NOW - WEEK_MS - 1), at(NOW - WEEK_MS), at(NOW - 1), at(NOW)];
    expect(weekOf(all, "C0DEV", NOW).passed).toBe(2);
    expect(weekOf(all, "C0DEV", NOW - WEEK_MS).passed).toBe(1);
    expect(weekOf(all, "C0DEV", NOW + WEEK_MS).passed).toBe(1);
  });

  test("of a hidden run, no other channel hears", () => {
    const all = [
      ended({ hidden: true, title: "Secret launch", outcome: "failed" }),
      ended({ title: "Secret launch" }),
    ];
    expect(weekOf(all, "C0DEV", NOW)).toMatchObject({ passed: 1, failed: 1 });
    const elsewhere = weekOf([all[0] as EndedRun], "C0OPS", NOW);
    expect(JSON.stringify(elsewhere)).not.toContain("Secret");
    expect(elsewhere).toMatchObject({ failed: 0, kinds: [], twinMinutes: 0 });
  });

  test("name as flaky what both passed and failed in its last ten runs, worst first", () => {
    const all = [
      // Older than the ten: it's not held against it.
      ...times(5, { at: NOW - 2 * DAY, outcome: "failed" }),
      ...times(7),
      ...times(3, { outcome: "failed" }),
      ...times(2, { title: "Login", outcome: "failed" }),
      ended({ title: "Login" }),
      ...times(4, { title: "Always red", outcome: "failed" }),
      ...times(4, { title: "Always green" }),
    ];
    expect(weekOf(all, "C0DEV", NOW).flaky).toEqual([
      { kind: "test", title: "Login", failed: 2, of: 3 },
      { kind: "test", title: "Checkout", failed: 3, of: 10 },
    ]);
  });

  test("a test that didn't run this week isn't flaky this week", () => {
    const before = NOW - WEEK_MS - 1;
    const all = [ended({ at: before }), ended({ at: before, outcome: "failed" })];
    expect(weekOf(all, "C0DEV", NOW).flaky).toEqual([]);
    expect(weekOf([...all, ended()], "C0DEV", NOW).flaky).toMatchObject([{ failed: 1, of: 3 }]);
  });

  test("name the slowest by their mean", () => {
    const all = [
      ended({ tookMs: 1 * MINUTE }),
      ended({ tookMs: 3 * MINUTE }),
      ended({ title: "Login", tookMs: 5 * MINUTE }),
      ended({ title: "Untimed" }),
      ended({ kind: "twin", outcome: "torn_down", tookMs: 60 * MINUTE }),
    ];
    expect(weekOf(all, "C0DEV", NOW).slowest).toEqual([
      { kind: "test", title: "Login", of: 1, meanMs: 5 * MINUTE },
      { kind: "test", title: "Checkout", of: 2, meanMs: 2 * MINUTE },
    ]);
  });

  test("add up the minutes of all twins", () => {
    const all = [
      ended({ kind: "twin", outcome: "expired", twins: 2, tookMs: 60 * MINUTE }),
      ended({ twins: 1, tookMs: 30_000 }),
      ended({ kind: "twin", outcome: "lost", twins: 3 }),
    ];
    expect(weekOf(all, "C0DEV", NOW).twinMinutes).toBe(121);
  });
});

describe("what is kept of a run", () => {
  test("is enough for the figures, and nothing else", () => {
    const run = runIn("ended", { tookMs: 5 * MINUTE, hidden: true });
    expect(endedRun(run, NOW + 1)).toEqual({
      run: "k7m2qx",
      kind: "twin",
      title: "Stripe twin",
      outcome: "torn_down",
      tookMs: 5 * MINUTE,
      twins: 1,
      channel: "C0GENERAL",
      hidden: true,
      at: NOW + 1,
    });
  });

  test("is nothing while it goes on", () => {
    for (const phase of ["requested", "running", "ready", "ending"] as const)
      expect(endedRun(runIn(phase), NOW)).toBeUndefined();
  });

  test("is no more than two hundred characters of its title", () => {
    const spec = { saved: { id: "t1", name: "x".repeat(300) } };
    const run = runIn("ended", { kind: "test", spec });
    expect(kindOf(run).title(spec).length).toBeGreaterThan(200);
    expect(endedRun(run, NOW)?.title).toHaveLength(200);
  });
});

test("what is kept of a run that ended is what a week tells of it", () => {
  const spec = { twins: ["stripe", "slack"], ttlMinutes: 60 };
  const run = runIn("ended", { spec, tookMs: 7, hidden: true, channel: "C0DEV" });
  expect(endedRun(run, NOW)).toEqual({
    run: run.id,
    kind: "twin",
    title: "Stripe, Slack twins",
    outcome: "torn_down",
    tookMs: 7,
    twins: 2,
    channel: "C0DEV",
    hidden: true,
    at: NOW,
  });
  const short = endedRun(runIn("ended"), NOW);
  expect(short).not.toHaveProperty("tookMs");
  expect(short).not.toHaveProperty("hidden");
  expect(endedRun(runIn("ready"), NOW)).toBeUndefined();
});

test("the slowest three come first, by their mean, and what took nobody knows how long isn't one", () => {
  const all = [
    ...["a", "b", "c", "d", "e", "f"].map((title, n) => ended({ title, tookMs: n * 1_000 })),
    ended({ title: "b", tookMs: 19_000 }),
    ended({ title: "never" }),
  ];
  const { slowest } = weekOf(all, "C0DEV", NOW);
  expect(slowest.map(({ title, meanMs, of }) => [title, meanMs, of])).toEqual(
    [
      ["b", 10_000, 2],
      ["f", 5_000, 1],
      ["e", 4_000, 1],
      ["d", 3_000, 1],
      ["c", 2_000, 1],
    ].slice(0, slowest.length),
  );
  expect(slowest.length).toBeLessThan(6);
});
