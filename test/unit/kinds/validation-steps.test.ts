import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArgaEvent } from "../../../src/api/events.ts";
import { StepReader } from "../../../src/kinds/validation-steps.ts";
import { progressed } from "../../../src/runs/progress.ts";
import type { Run, Step } from "../../../src/runs/run.ts";
import { NOW, runIn } from "../support/runs.ts";

const event = (data: unknown, name?: string, id?: string): ArgaEvent => ({ id, event: name, data });

/** What one connection says, as short as it can be compared. */
function read(...events: ArgaEvent[]): string[] {
  const reader = new StepReader();
  return events.flatMap((each) => reader.read(each).steps).map(words);
}
const words = ({ text, state, detail }: Step): string => `${text} ${state}${detail ? `: ${detail}` : ""}`;
const one = (data: unknown, name?: string) => new StepReader().read(event(data, name));

describe("an event of a step", () => {
  test.each<[data: unknown, name: string | undefined, step: string]>([
    [{ step: "Pay", status: "passed", detail: "As expected" }, "step", "Pay done: As expected"],
    [{ step: "Pay", status: "failed", detail: "No" }, "step", "Pay failed: No"],
    [{ step: "Pay", status: "running" }, undefined, "Pay running"],
    [{ step: "Pay", status: "in_progress" }, undefined, "Pay running"],
    [{ step: "Pay", status: "timeout" }, undefined, "Pay failed"],
    [{ step: "Pay", status: "timed out" }, undefined, "Pay failed"],
    [{ step: "Pay", status: "skipped" }, undefined, "Pay done"],
    [{ step: "Pay", passed: false, status: "completed" }, undefined, "Pay failed"],
    [{ step: "Pay", success: true }, undefined, "Pay done"],
    [{ step: "Pay" }, "step_started", "Pay running"],
    [{ step: "Pay" }, "step_failed", "Pay failed"],
    [{ step: "Pay" }, "step", "Pay done"],
    [{ type: "step_started", name: "Pay" }, undefined, "Pay running"],
    [{ type: "step_completed", name: "Pay" }, "message", "Pay done"],
    [{ type: "step.failed", name: "Pay" }, undefined, "Pay failed"],
    [{ type: "error_page", name: "404 has a way home" }, undefined, "404 has a way home done"],
    [{ step: { name: "Pay", status: "failed" }, total: 3 }, "step", "Pay failed"],
    [{ title: "Pay", verdict: "fail", reason: "No" }, undefined, "Pay failed: No"],
    [{ step: "Pay", status: "passed", result: "No errors were found" }, undefined, "Pay done"],
    [{ step: "Pay", result: "No errors" }, undefined, "Pay done"],
    [{ step: "Pay", result: "The order failed to load at first, then came" }, undefined, "Pay done"],
    [{ step: 3, message: "Pay", status: "done" }, undefined, "Pay done"],
    [{ step: "3", total: 8, message: "Pay" }, "step", "Pay done"],
    [{ index: 3, message: "Pay", status: "running" }, undefined, "Pay running"],
    [{ step: 3, status: "passed" }, undefined, "Step 3 done"],
  ])("%j named %s is: %s", (data, name, step) => {
    expect(one(data, name).steps.map(words)).toEqual([step]);
  });

  test("has the moment that Arga gives, and no other", () => {
    const at = (more: object) => one({ step: "Pay", ...more }).steps[0]?.at;
    expect(at({ timestamp: "2026-10-01T12:00:00Z" })).toBe(NOW);
    for (const more of [{ time: 12 }, { time: "12" }, { timestamp: "soon" }, { at: 1.5e300 }, {}])
      expect(at(more)).toBeUndefined();
  });

  test("that waits for its turn is no step yet, and no reason to look", () => {
    for (const status of ["pending", "queued", "not_started"])
      expect(one({ step: "Pay", status })).toEqual({ steps: [], isTurn: false });
  });

  test("that begins and one that ends are the same step; after that it is done once more", () => {
    const reader = new StepReader();
    const keys = ["running", "running", "passed", "running", "failed"].map(
      (status) => reader.read(event({ step: "Pay", status })).steps[0]?.key,
    );
    const [first, , , second] = keys;
    expect(keys).toEqual([first, first, first, second, second]);
    expect(second).not.toBe(first);
  });

  test("that has a number keeps its key while its words change", () => {
    const reader = new StepReader();
    const keyOf = (data: object) => reader.read(event(data)).steps[0]?.key;
    expect(keyOf({ step: 1, message: "Paying", status: "running" })).toBe(
      keyOf({ step: 1, message: "Paid", status: "done" }),
    );
    expect(keyOf({ step: 2, message: "Paid" })).not.toBe(keyOf({ step: 1, message: "Paid" }));
  });
});

describe("an event of anything else", () => {
  test.each<[data: unknown, name: string | undefined]>([
    ["just text", "step"],
    [{ message: "just text" }, undefined],
    [{ text: "just text", total: 8 }, "story"],
  ])("%j is a note of its words", (data, name) => {
    expect(one(data, name).steps.map(words)).toEqual(["just text note"]);
  });

  test("without words is one of its name", () => {
    for (const data of [[1, 2, 3], 42, true, null])
      expect(read(event(data, "telemetry"))).toEqual(["telemetry note"]);
  });

  test.each([[null], [42], [[]], [[1, ["a", { b: 1 }]]], [""], ["  "], [true], ["[DONE]"], ["done"]])(
    "%j without a name says nothing",
    (data) => {
      expect(one(data).steps).toEqual([]);
    },
  );

  test.each<[data: unknown, name: string | undefined]>([
    ["", "ping"],
    [{ at: 1 }, "heartbeat"],
    [{ type: "heartbeat", message: "alive" }, undefined],
    [{ type: "ping" }, "message"],
    ["ok", "keep-alive"],
    ["", undefined],
  ])("%j named %s is a sign of life: nothing to tell, nothing to look for", (data, name) => {
    expect(one(data, name)).toEqual({ steps: [], isTurn: false });
  });

  test.each<[data: unknown, name: string | undefined]>([
    [{ status: "completed" }, "status"],
    [{ status: 7 }, "status"],
    [null, "status"],
    [{ run_id: "x", status: "failed" }, "done"],
    ["[DONE]", undefined],
    [{ type: "completed", message: "All is well" }, undefined],
  ])("%j named %s may be a turn: worth a look at the run", (data, name) => {
    expect(one(data, name).isTurn).toBe(true);
  });

  test.each<[data: unknown, name: string | undefined]>([
    [{}, "message"],
    [{ index: "two", total: null, step: { words: [] } }, "step"],
    [{ progress: 12 }, "telemetry"],
  ])("%j named %s says nothing of a state, and costs no look", (data, name) => {
    expect(one(data, name).isTurn).toBe(false);
  });

  test("of whatever shape throws nothing, and each key is unlike the others", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.jsonValue(), fc.option(fc.string(), { nil: undefined })), { maxLength: 40 }),
        (all) => {
          const reader = new StepReader();
          const steps = all.flatMap(([data, name]) => reader.read(event(data, name)).steps);
          const over = steps.filter(({ state }) => state !== "running").map(({ key }) => key);
          expect(new Set(over).size).toBe(over.length);
          for (const step of steps)
            expect([typeof step.text, step.key.length < 20]).toEqual(["string", true]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

const said = fc.oneof(
  fc.record({
    step: fc.constantFrom("Pay", "Open", "Pay again"),
    status: fc.constantFrom("running", "running", "passed", "failed", "pending"),
  }),
  fc.record({ step: fc.integer({ min: 1, max: 3 }), message: fc.constantFrom("Click", "Type") }),
  fc.record({ message: fc.constantFrom("Looking", "Waiting") }),
  fc.constantFrom("Looking", "telemetry", [1, 2], null, { status: "running" }, { type: "heartbeat" }),
);
const stream = fc.array(said, { maxLength: 25 }).map((all) => all.map((data) => event(data)));
const withIds = stream.map((all) => all.map((each, n) => ({ ...each, id: String(n + 1) })));
/** How far each connection comes before it is cut, as a part of the stream. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

class Follower {
  reader = new StepReader();
  run: Run = runIn("running");
  #seen = 0;

  /** A connection that brings the stream from there to there. */
  connection(events: readonly ArgaEvent[], from: number, to: number): void {
    this.reader.reconnected();
    for (const each of events.slice(from, to))
      this.run = progressed(this.run, this.reader.read(each).steps, NOW);
    this.#seen = Math.max(this.#seen, to);
  }

  get seen(): number {
    return this.#seen;
  }

  get told(): unknown {
    const inThread = this.run.story?.steps ?? [];
    return { keys: this.run.progress?.reportedKeys, inThread, failed: this.run.progress?.failed };
  }
}

const uncut = (events: readonly ArgaEvent[]): unknown => {
  const follower = new Follower();
  follower.connection(events, 0, events.length);
  return follower.told;
};

describe("a stream that is cut anywhere, any number of times", () => {
  test("and begins anew each time, without ids, tells the same: nothing lost, nothing twice", () => {
    fc.assert(
      fc.property(stream, cuts, (events, all) => {
        const follower = new Follower();
        for (const part of all) follower.connection(events, 0, Math.floor(part * events.length));
        follower.connection(events, 0, events.length);
        expect(follower.told).toEqual(uncut(events));
      }),
      { numRuns: 500 },
    );
  });

  test("and has ids tells the same, whether it goes on after the last one or begins anew", () => {
    fc.assert(
      fc.property(
        withIds,
        cuts,
        fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        (events, all, resumes) => {
          const follower = new Follower();
          for (const [n, part] of [...all, 1].entries()) {
            const to = Math.max(follower.seen, Math.floor(part * events.length));
            follower.connection(events, resumes[n] ? follower.seen : 0, to);
          }
          expect(follower.told).toEqual(uncut(events));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("and is taken over by another process, which reads it from its beginning, tells the same", () => {
    fc.assert(
      fc.property(fc.oneof(stream, withIds), cuts, (events, all) => {
        const follower = new Follower();
        for (const part of all) {
          follower.connection(events, 0, Math.floor(part * events.length));
          follower.reader = new StepReader();
        }
        follower.connection(events, 0, events.length);
        expect(follower.told).toEqual(uncut(events));
      }),
      { numRuns: 500 },
    );
  });
});
