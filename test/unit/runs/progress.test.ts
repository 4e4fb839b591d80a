import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageMoved, messageSent } from "../../../src/runs/outbox.ts";
import { progressed, recapped, withTotal } from "../../../src/runs/progress.ts";
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
const messages = (run: Run) =>
  run.outbox.flatMap(({ what, key, sendingSince }) =>
    what.type === "steps" ? [{ key, sendingSince, steps: what.steps.map((each) => each.key) }] : [],
  );

describe("a step", () => {
  test("that goes on is on the card and not in the thread; once over, it is in both", () => {
    const begun = withSteps(running(), step("a", "running"));
    expect(lastOf(begun)).toEqual(["a running"]);
    expect(begun.outbox).toEqual([]);
    const over = withSteps(begun, step("a", "done"));
    expect(lastOf(over)).toEqual(["a done"]);
    expect(messages(over)).toMatchObject([{ key: "steps:a", steps: ["a"] }]);
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
  test("is told together what came together, at most fifteen at once", () => {
    const run = withSteps(running(), ...many(1, 20));
    expect(messages(run).map(({ steps }) => steps.length)).toEqual([15, 5]);
  });

  test("gets a new message for what follows one that is on its way", () => {
    const first = messageMoved(withSteps(running(), step("a")), "steps:a", NOW);
    const run = withSteps(first, step("b"), step("c"));
    expect(messages(run)).toMatchObject([{ steps: ["a"] }, { key: "steps:b", steps: ["b", "c"] }]);
  });

  test("is told nothing before what came earlier, also when that was not posted after all", () => {
    const first = messageMoved(withSteps(running(), step("a")), "steps:a", NOW);
    const second = messageMoved(withSteps(first, step("b")), "steps:a", undefined);
    const order = messages(withSteps(second, step("c"))).flatMap(({ steps }) => steps);
    expect(order).toEqual(["a", "b", "c"]);
  });

  test("is told its end after all that came before it", () => {
    const run = observed(
      withSteps(running(), step("a")),
      seen("ended", { steps: [step("b")] }),
      NOW,
      REMIND_BEFORE,
    );
    expect(run.outbox.filter(({ to }) => to === "thread").map(({ what }) => what.type)).toEqual([
      "steps",
      "ended",
    ]);
    expect(messages(run)).toMatchObject([{ steps: ["a", "b"] }]);
  });

  test("is told nothing of a step after the end, which the card shows all the same", () => {
    const ended = cancelled(withSteps(running(), step("a")), NOW);
    const late = withSteps(ended, step("b"), step("c", "failed"));
    expect(late.outbox).toEqual(ended.outbox);
    expect(late.progress).toMatchObject({ count: 3, failed: { key: "c" } });
  });

  test("is told of 150 steps and that there are more, once", () => {
    const run = withSteps(running(), ...many(1, 400));
    const all = messages(run).flatMap(({ steps }) => steps);
    expect(all).toHaveLength(151);
    expect(all.filter((key) => key === "rest")).toHaveLength(1);
    expect(all.at(-1)).toBe("rest");
    expect(run.progress?.count).toBe(400);
  });
});

describe("a second source", () => {
  test("tells what the first one missed, when both name steps alike", () => {
    const run = recapped(withSteps(running(), step("a")), [step("a"), step("b")], NOW);
    expect(messages(run).flatMap(({ steps }) => steps)).toEqual(["a", "b"]);
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

type Post = "begins" | "arrives" | "fails" | "none";
const posts = fc.infiniteStream(
  fc.constantFrom<Post>("begins", "begins", "arrives", "arrives", "fails", "none"),
);

/** What Slack does meanwhile with the first message: its content is fixed when it is put on its way. */
class Thread {
  readonly told: string[] = [];

  after(run: Run, post: Post): Run {
    const [first] = messages(run);
    if (!first || post === "none") return run;
    if (post === "begins") return messageMoved(run, first.key, NOW);
    if (post === "fails" || first.sendingSince === undefined) return messageMoved(run, first.key, undefined);
    this.told.push(...first.steps);
    return messageSent(run, first.key);
  }

  rest(run: Run): void {
    this.told.push(...messages(run).flatMap(({ steps }) => steps));
  }
}

describe("in whatever order, however often, in however many pieces steps come", () => {
  test("each that is over is told exactly once, in the order in which they were over", () => {
    fc.assert(
      fc.property(arrivals, posts, (all, stream) => {
        const thread = new Thread();
        let run = running();
        for (const one of all) run = thread.after(withSteps(run, one), stream.next().value ?? "none");
        thread.rest(run);
        const over = all.filter(({ state }) => state !== "running").map(({ key }) => key);
        expect(thread.told).toEqual([...new Set(over)]);
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
      const [first] = messages(run);
      if (first && n % 50 === 0) run = messageSent(run, first.key);
    }
    expect(progressed(run, [step("new")], NOW)).toBe(run);
    expect(JSON.stringify(run).length).toBeLessThan(120_000);
    const failed = progressed(run, [step("bad", "failed", { text: long })], NOW);
    expect(failed.progress?.failed?.text).toHaveLength(300);
  });
});
