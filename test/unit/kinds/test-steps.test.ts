import { describe, expect, test } from "vitest";
import { testRun } from "../../../src/api/test-runs.ts";
import { isFailureType, stepsIn } from "../../../src/kinds/test-steps.ts";
import type { Outcome, Step } from "../../../src/runs/run.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 9, 1, 12, 0, second)).toISOString();

/** Steps of a run whose log Arga sends so. */
function steps(events_json: unknown, end?: Outcome, more: Record<string, unknown> = {}): Step[] {
  return stepsIn(
    testRun.parse({ id: "x", status: "running", updated_at: at(60), events_json, ...more }),
    end,
  );
}
const words = ({ text, state, detail, tookMs }: Step): string =>
  `${text} ${state}${detail ? `: ${detail}` : ""}${tookMs === undefined ? "" : ` ${tookMs / 1000} s`}`;
const told = (...given: Parameters<typeof steps>): string[] => steps(...given).map(words);

const event = (type: string, message?: string, second?: number) => ({
  type,
  ...(message === undefined ? {} : { message }),
  ...(second === undefined ? {} : { timestamp: at(second) }),
});

describe("a log that names its steps", () => {
  const LOG = [
    event("status", "Run started", 0),
    event("step", "Step 1/2: open", 10),
    event("question", "Which card?", 15),
    event("step", "Step 2/2: pay", 20),
  ];

  test("each is over when the next one begins, and the last goes on", () => {
    expect(told(LOG)).toEqual(["Step 1/2: open done 10 s", "Which card? note", "Step 2/2: pay running"]);
  });

  test.each<[Outcome, string]>([
    ["passed", "Step 2/2: pay done 40 s"],
    ["failed", "Step 2/2: pay failed 40 s"],
    ["lost", "Step 2/2: pay failed 40 s"],
    ["cancelled", "Step 2/2: pay running"],
  ])("the last is over with the run that %s", (end, last) => {
    expect(told(LOG, end).at(-1)).toBe(last);
  });

  test("what went wrong in the run is not said twice", () => {
    const log = [...LOG, event("error", "Card refused", 30)];
    expect(told(log, "failed", { error_message: "Card refused" })).toEqual(told(LOG, "failed"));
    expect(told(log, "failed", { error_message: "Other" }).at(-1)).toBe("Card refused note");
  });

  test.each([
    ["step_started", "step_completed", "Pay done 5 s"],
    ["step.start", "step.done", "Pay done 5 s"],
    ["StepBegin", "StepFinished", "Pay done 5 s"],
    ["step_start", "step_end", "Pay done 5 s"],
    ["step_running", "step_passed", "Pay done 5 s"],
    ["step_started", "step_failed", "Pay failed 5 s"],
    ["step", "step_error", "Pay failed 5 s"],
  ])("%s and %s are one step", (begins, ends, step) => {
    expect(told([event(begins, "Pay", 0), event(ends, "Pay", 5)])).toEqual([step]);
    expect(told([event(begins, "Pay", 0), event(ends, undefined, 5)])).toEqual([step]);
  });

  test("what its end says beside its name is its detail: a failure stays that step's own", () => {
    expect(told([event("step_started", "Pay", 0), event("step_failed", "Card refused", 5)])).toEqual([
      "Pay failed: Card refused 5 s",
    ]);
  });

  test("one that is told only when it is over is a step by itself", () => {
    expect(
      told([event("step_completed", "Open"), event("step_failed", "Pay"), event("step_completed", "Go")]),
    ).toEqual(["Open done", "Pay failed", "Go done"]);
  });

  test.each(["step_pending", "step_password", "step_append", "step_incomplete"])(
    "%s ends nothing",
    (type) => {
      expect(told([event(type, "Pay")])).toEqual(["Pay running"]);
    },
  );

  test("steps without words have those of their type", () => {
    expect(told([event("step"), event("step", "")])).toEqual(["step done", "step running"]);
  });

  test("a step that is the same once more is another one", () => {
    const keys = steps([event("step", "Click"), event("step", "Click")]).map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
  });
});

describe("a log that does not", () => {
  test("each event that is no chatter counts as a step", () => {
    const log = [
      event("status", "Run started", 0),
      event("navigate", "https://shop.example", 1),
      event("click", "Pay", 3),
      event("debug", "x"),
      event("Heartbeat", "x"),
    ];
    expect(told(log, "passed")).toEqual(["https://shop.example done 2 s", "Pay done 57 s"]);
  });

  test("an end closes what it names, and nothing else", () => {
    expect(told([event("click", "Pay", 0), event("click_done", "Pay", 2), event("send", "Mail", 3)])).toEqual(
      ["Pay done 2 s", "Mail running"],
    );
  });
});

describe("a log of whatever shape", () => {
  test.each([
    [null],
    [undefined],
    [[]],
    ["[]"],
    ["not json"],
    [42],
    [{}],
    [["just text", null, 42, ["a", "list"]]],
  ])("%j has no steps", (events) => {
    expect(steps(events, "passed")).toEqual([]);
  });

  test("may be a text that holds it", () => {
    expect(told(JSON.stringify([event("step", "Pay")]))).toEqual(["Pay running"]);
  });

  test("leaves out what is odd in it", () => {
    const odd = [
      {},
      { timestamp: "yesterday", type: 7, message: { text: "an object" } },
      { type: "screenshot", url: "https://artifacts.example/1.png" },
      event("step", "Pay"),
    ];
    expect(told(odd, "passed")).toEqual(["Pay done"]);
    expect(steps(odd)[0]).not.toHaveProperty("at");
  });

  test("steps keep their keys while it grows", () => {
    const log = [
      event("status", "on"),
      event("step", "a"),
      event("question", "?"),
      event("step", "b"),
      event("step", "c"),
    ];
    const whole = steps(log).map(({ key, text }) => `${key} ${text}`);
    for (let n = 0; n <= log.length; n++) {
      const sofar = steps(log.slice(0, n)).map(({ key, text }) => `${key} ${text}`);
      expect(whole.slice(0, sofar.length)).toEqual(sofar);
    }
  });

  test("a time that runs backwards is no time that a step took", () => {
    expect(told([event("step", "a", 9), event("step", "b", 3)])).toEqual(["a done", "b running"]);
  });
});

test("a type that tells of failure is known by its words", () => {
  for (const type of ["error", "step_failed", "AssertionError"]) expect(isFailureType(type)).toBe(true);
  for (const type of ["step", "status", "", null, undefined]) expect(isFailureType(type)).toBe(false);
});
