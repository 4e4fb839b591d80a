import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageMoved, messageSent } from "../../../src/runs/outbox.ts";
import {
  progressed,
  recapped,
  stepsTold,
  storyJoinsEnd,
  storyOfEnd,
  storyPosted,
  withTotal,
} from "../../../src/runs/progress.ts";
import type { Run, Step } from "../../../src/runs/run.ts";
import { cancelled, observed } from "../../../src/runs/transitions.ts";
import { frozen, NOW, REMIND_BEFORE, runIn, seen } from "../support/runs.ts";

const at = (second: number): number => NOW + second * 1_000;
const step = (key: string, state: Step["state"] = "done", more: Partial<Step> = {}): Step => ({
  key,
  text: `Step ${key}`,
  state,
  ...more,
});
const many = (from: number, to: number): Step[] =>
  Array.from({ length: to - from + 1 }, (_, n) => step(`s${from + n}`));

const running = (): Run => frozen(runIn("running"));
const withSteps = (run: Run, ...steps: Step[]): Run => frozen(progressed(run, steps, NOW));
const lastOf = (run: Run) => run.progress?.last.map(({ key, state }) => `${key} ${state}`);
/** The steps that the thread's message has. */
const told = ({ story }: Run): string[] => story?.steps.map(({ key }) => key) ?? [];
const threadKeys = ({ outbox }: Run): string[] =>
  outbox.filter(({ to }) => to === "thread").map(({ key }) => key);

describe("a step", () => {
  test("that goes on is on the card and not in the thread; once over, it is in both", () => {
    const begun = withSteps(running(), step("a", "running"));
    expect(lastOf(begun)).toEqual(["a running"]);
    expect(begun.outbox).toEqual([]);
    const over = withSteps(begun, step("a", "done"));
    expect(lastOf(over)).toEqual(["a done"]);
    expect(told(over)).toEqual(["a"]);
    expect(threadKeys(over)).toEqual(["steps"]);
  });

  test("shown again changes nothing at all, whether it goes on or is over", () => {
    for (const state of ["running", "done", "failed", "note"] as const) {
      const run = withSteps(running(), step("a", state, { at: at(1), detail: "d" }));
      expect(withSteps(run, step("a", state, { at: at(1), detail: "d" }))).toBe(run);
    }
  });

  test("that was over never goes on again", () => {
    const over = withSteps(running(), step("a"));
    expect(withSteps(over, step("a", "running"))).toBe(over);
    expect(withSteps(over, step("a", "failed"))).toBe(over);
  });

  test("took as long as from when it was first shown to when it was over", () => {
    const run = withSteps(
      running(),
      step("a", "running", { at: at(0) }),
      step("a", "running", { at: at(8) }),
      step("a", "done", { at: at(10) }),
    );
    expect(run.progress?.last).toMatchObject([{ tookMs: 10_000, at: at(10) }]);
  });

  test("keeps the time that Arga says it took, and takes no time that makes no sense", () => {
    const own = withSteps(
      running(),
      step("a", "running", { at: at(0) }),
      step("a", "done", { at: at(9), tookMs: 5 }),
    );
    expect(own.progress?.last).toMatchObject([{ tookMs: 5 }]);
    const back = withSteps(running(), step("b", "running", { at: at(9) }), step("b", "done", { at: at(0) }));
    expect(back.progress?.last[0]).not.toHaveProperty("tookMs");
  });

  test("is kept short, and not cut inside a character", () => {
    const run = withSteps(
      running(),
      step("a", "failed", { text: `x${"😀".repeat(500)}`, detail: "😀".repeat(999) }),
    );
    const [kept] = run.progress?.last ?? [];
    expect(kept?.text.length).toBeLessThanOrEqual(300);
    expect(kept?.detail?.length).toBeLessThanOrEqual(600);
    for (const text of [kept?.text, kept?.detail]) expect(text).not.toMatch(/[\ud800-\udbff]$/);
  });
});

describe("the card", () => {
  test("has the newest five steps, and how many there were", () => {
    const run = withSteps(running(), ...many(1, 8));
    expect(lastOf(run)).toEqual(["s4 done", "s5 done", "s6 done", "s7 done", "s8 done"]);
    expect(run.progress?.count).toBe(8);
  });

  test("keeps its steps however much is said between them, and shows what was said last", () => {
    const notes = Array.from({ length: 9 }, (_, n) => step(`n${n}`, "note"));
    const run = withSteps(running(), step("a"), step("b", "running"), ...notes);
    expect(lastOf(run)).toEqual(["a done", "b running", "n8 note"]);
    expect(run.progress?.count).toBe(2);
    expect(lastOf(withSteps(run, step("b")))).toEqual(["a done", "b done", "n8 note"]);
    expect(lastOf(withSteps(run, step("c")))).toEqual(["a done", "b running", "c done"]);
  });

  test("counts a step once, although it ends when five others began since", () => {
    const begun = withSteps(running(), step("slow", "running"), ...many(1, 6));
    expect(withSteps(begun, step("slow", "running"), step("slow"), step("slow")).progress?.count).toBe(7);
  });

  test("names the step that failed first, and keeps to it", () => {
    const run = withSteps(running(), step("a", "failed", { detail: "why" }), step("b", "failed"), step("c"));
    expect(run.progress?.failed).toMatchObject({ key: "a", detail: "why" });
  });

  test("says how many there will be once Arga does", () => {
    const run = withTotal(running(), 8);
    expect(run.progress).toEqual({ last: [], reportedKeys: [], count: 0, total: 8 });
    expect(withTotal(run, 8)).toBe(run);
    expect(withTotal(run, undefined)).toBe(run);
    expect(withSteps(run, step("a")).progress).toMatchObject({ count: 1, total: 8 });
  });
});

describe("the thread", () => {
  test("has one message about steps, however many there are and whatever becomes of it", () => {
    const run = withSteps(running(), ...many(1, 20));
    expect(threadKeys(run)).toEqual(["steps"]);
    const onItsWay = messageMoved(run, "steps", NOW);
    expect(threadKeys(withSteps(onItsWay, step("b")))).toEqual(["steps"]);
    const stands = messageSent(storyPosted(onItsWay, { ts: "1.1", count: 20, at: NOW }), "steps");
    const later = withSteps(stands, step("b"), step("c"));
    expect(threadKeys(later)).toEqual([]);
    expect(later.story?.posted).toEqual({ ts: "1.1", count: 20, at: NOW });
    expect(told(later).slice(-2)).toEqual(["b", "c"]);
  });

  test("has that message as of its first step", () => {
    const { outbox } = withSteps(running(), step("a"), step("b"));
    expect(outbox).toEqual([
      {
        to: "thread",
        key: "steps",
        what: { type: "steps", steps: [expect.objectContaining({ key: "a" })], since: NOW, isStory: true },
      },
    ]);
  });

  test("is told its end after all that came before it", () => {
    const run = observed(
      withSteps(running(), step("a")),
      seen("ended", { steps: [step("b")] }),
      NOW,
      REMIND_BEFORE,
    );
    expect(threadKeys(run)).toEqual(["steps", "ended"]);
    expect(told(run)).toEqual(["a", "b"]);
  });

  test("is told nothing of a step after the end, which the card shows all the same", () => {
    const ended = cancelled(withSteps(running(), step("a")), NOW);
    const late = withSteps(ended, step("b"), step("c", "failed"));
    expect(late.outbox).toEqual(ended.outbox);
    expect(late.story).toEqual(ended.story);
    expect(late.progress).toMatchObject({ count: 3, failed: { key: "c" } });
  });

  test("has the newest thirty, and how many came before them", () => {
    const run = withSteps(running(), ...many(1, 400));
    expect(told(run)).toEqual(many(371, 400).map(({ key }) => key));
    expect(run.story?.earlier).toBe(370);
    expect(stepsTold(run.story ?? { steps: [], earlier: 0 })).toBe(400);
  });
});

describe("steps that nobody was told by the end", () => {
  const over = () => cancelled(withSteps(running(), step("a")), NOW);

  test("are told by the end, unless a message of theirs does or will", () => {
    const untold = over();
    expect(storyOfEnd(untold)).toBeUndefined();
    const joined = storyJoinsEnd(untold);
    expect(threadKeys(joined)).toEqual(["ended"]);
    expect(storyOfEnd(joined)?.steps.map(({ key }) => key)).toEqual(["a"]);
    const posted = storyPosted(joined, { ts: "1.1", count: 1, at: NOW });
    expect(storyOfEnd(posted)).toBeUndefined();
    expect(storyOfEnd(cancelled(running(), NOW))).toBeUndefined();
  });

  test("keep their message where it's on its way, and while the run goes on", () => {
    const sending = messageMoved(over(), "steps", NOW);
    expect(threadKeys(storyJoinsEnd(sending))).toEqual(["steps", "ended"]);
    const goesOn = withSteps(running(), step("a"));
    expect(storyJoinsEnd(goesOn)).toBe(goesOn);
  });

  test("take nothing else along", () => {
    const run = over();
    const others = [
      { to: "subscribers", key: "steps", what: { type: "event", event: "completed" } },
      { to: "thread", key: "acted:a", what: { type: "acted", action: "lock", by: run.requester } },
    ] as const;
    const joined = storyJoinsEnd({ ...run, outbox: [...run.outbox, ...others] });
    expect(joined.outbox.map(({ key }) => key)).toEqual(["notice:completed", "ended", "steps", "acted:a"]);
  });

  test("have no place to stand without a story", () => {
    const run = running();
    expect(storyPosted(run, { ts: "1.1", count: 1, at: NOW })).toBe(run);
  });
});

describe("a second source", () => {
  test("tells what the first one missed, when both name steps alike", () => {
    const run = recapped(withSteps(running(), step("a")), [step("a"), step("b")], NOW);
    expect(told(run)).toEqual(["a", "b"]);
  });

  test("tells nothing when it names them all otherwise", () => {
    const run = withSteps(
      running(),
      step("a"),
      ...Array.from({ length: 9 }, (_, n) => step(`n${n}`, "note")),
    );
    expect(recapped(run, [step("x"), step("y")], NOW)).toBe(run);
  });

  test("tells all when there was no first, or one that said no step", () => {
    for (const run of [running(), withSteps(running(), step("n", "note"))])
      expect(recapped(run, [step("x")], NOW).progress?.count).toBe(1);
  });
});

/** A stream of a few steps, as it may arrive: each in its states, repeated, mixed, split, and cut anywhere. */
const arrivals = fc
  .array(
    fc.record({
      key: fc.integer({ min: 1, max: 30 }).map((n) => `s${n}`),
      state: fc.constantFrom<Step["state"]>("running", "running", "done", "done", "failed", "note"),
      at: fc.option(fc.integer({ min: 0, max: 99 }).map(at), { nil: undefined }),
    }),
    { maxLength: 80, size: "max" },
  )
  .map((all) =>
    all.map(({ key, state, at: when }) => step(key, state, when === undefined ? {} : { at: when })),
  );

describe("in whatever order, however often, in however many pieces steps come", () => {
  test("each that is over is told exactly once, in the order in which they were over", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const run = all.reduce((next, one) => withSteps(next, one), running());
        const over = [...new Set(all.filter(({ state }) => state !== "running").map(({ key }) => key))];
        expect(told(run)).toEqual(over.slice(-30));
        expect(threadKeys(run)).toEqual(over.length > 0 ? ["steps"] : []);
        expect(run.story ? stepsTold(run.story) : 0).toBe(over.length);
      }),
    );
  });

  test("the same steps again, from the start, from anywhere, or all at once, change nothing", () => {
    fc.assert(
      fc.property(arrivals, fc.nat(80), (all, from) => {
        const over = all.filter(({ state }) => state !== "running");
        const once = withSteps(running(), ...over);
        expect(withSteps(once, ...all.filter(({ key }) => over.some((each) => each.key === key)))).toBe(once);
        expect(withSteps(once, ...over.slice(from), ...over)).toBe(once);
        expect(over.reduce((next, one) => withSteps(next, one), running())).toEqual(once);
      }),
    );
  });

  test("each step counts once, as long as no more go on at once than the card shows", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { maxLength: 40 }), fc.boolean(), (names, isTwice) => {
        const pairs = names.flatMap((n) => [step(`s${n}`, "running"), step(`s${n}`)]);
        const run = withSteps(running(), ...pairs, ...(isTwice ? pairs : []));
        expect(run.progress?.count ?? 0).toBe(names.length);
      }),
    );
  });

  test("none is told after the end", () => {
    fc.assert(
      fc.property(arrivals, arrivals, (before, after) => {
        const ended = cancelled(withSteps(running(), ...before), NOW);
        expect(withSteps(ended, ...after).outbox).toEqual(ended.outbox);
      }),
    );
  });

  test("the record stays small, and the first failure is known all the same", () => {
    const long = "w".repeat(5_000);
    let run = running();
    for (let n = 0; n < 3_000; n++) {
      run = progressed(
        run,
        [step(`r${n}`, "running", { text: long }), step(`d${n}`, "done", { text: long })],
        NOW,
      );
      if (n % 50 === 0) run = messageSent(run, "steps");
    }
    expect(progressed(run, [step("new")], NOW)).toBe(run);
    expect(JSON.stringify(run).length).toBeLessThan(120_000);
    const failed = progressed(run, [step("bad", "failed", { text: long })], NOW);
    expect(failed.progress?.failed?.text).toHaveLength(300);
  });
});

describe("how long a step took", () => {
  const last = (run: Run): Step | undefined => run.progress?.last.at(-1);
  const shown = (...states: [Step["state"], Partial<Step>][]): Step | undefined =>
    last(states.reduce((run, [state, more]) => withSteps(run, step("a", state, more)), running()));

  test("isn't known before it is over, or where one of its moments is missing", () => {
    expect(shown(["running", { at: at(1) }], ["running", { at: at(4), text: "on" }])?.tookMs).toBeUndefined();
    expect(shown(["running", {}], ["done", { at: at(4) }])?.tookMs).toBeUndefined();
    expect(shown(["running", { at: at(1) }], ["done", {}])?.tookMs).toBeUndefined();
  });

  test("is counted from its beginning, however often it is shown while it goes on", () => {
    const again = shown(["running", { at: at(1) }], ["running", { at: at(3), text: "on" }]);
    expect(again).toMatchObject({ text: "on", at: at(1) });
    const begun = shown(["running", {}], ["running", { at: at(3), text: "on" }]);
    expect(begun?.at).toBe(at(3));
    expect(
      shown(
        ["running", { at: at(1) }],
        ["running", { at: at(3), text: "on" }],
        ["done", { at: at(6), text: "on" }],
      ),
    ).toMatchObject({ tookMs: 5_000, at: at(6) });
  });
});
