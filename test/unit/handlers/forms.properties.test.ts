import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateView } from "../../../sim/slack/blocks/validate.ts";
import { prefillOf } from "../../../src/handlers/forms/from-message.ts";
import { optionsFor, scenarioChoice, testChoice, twinChoice } from "../../../src/views/form-options.ts";
import { type FormContext, testForm, twinsForm } from "../../../src/views/forms.ts";
import { isWhole } from "../support/scan.ts";

const half = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
const mark = fc.constantFrom(
  "<!channel>",
  "<@U1>",
  "<https://a.example|x>",
  "&amp;",
  "\u202e",
  "😀",
  "\n",
  " ",
  "`",
  "<",
);
const piece = fc.oneof(
  mark,
  half,
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constant("<https://b.example>"),
);
const foreign = fc.oneof(
  fc.array(piece, { maxLength: 20 }).map((all) => all.join("")),
  fc
    .tuple(piece, fc.integer({ min: 1, max: 5_000 }))
    .map(([one, times]) => one.repeat(times).slice(0, 9_000)),
);
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const minutes = fc.integer({ min: 1, max: 100_000 });

const contexts: fc.Arbitrary<FormContext> = fc.record({
  limits: fc.record({ maxTtlMinutes: minutes, planTtlMinutes: maybe(minutes) }),
  planName: maybe(foreign),
  isAway: fc.boolean(),
  channel: maybe(fc.oneof(foreign, fc.constantFrom("C0GENERAL", "D0ALICE", ""))),
});

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const inputsOf = (view: { blocks: readonly object[] }): string[] =>
  view.blocks.flatMap((block) =>
    "element" in block && "block_id" in block
      ? [`${block.block_id} ${(block.element as { action_id?: string }).action_id}`]
      : [],
  );

const stringsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

describe("whatever stands in them, Slack takes the forms", () => {
  test("of twins", () => {
    fc.assert(
      fc.property(
        contexts,
        fc.record({
          twins: maybe(fc.array(foreign, { maxLength: 50 })),
          time: maybe(foreign),
          prompt: maybe(foreign),
        }),
        (context, prefill) => {
          const view = twinsForm(defined(context), defined(prefill) as object);
          expect(validateView(view)).toEqual([]);
          expect(stringsIn(view).every(isWhole)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("of a test, from any message", () => {
    fc.assert(
      fc.property(contexts, foreign, fc.boolean(), maybe(foreign), (context, text, isFromShut, saved) => {
        const prefill = prefillOf({ text, channel: "C0GENERAL", ts: "1.2" });
        const view = testForm(defined(context), { ...prefill, isFromShut, saved, savedName: text });
        expect(validateView(view)).toEqual([]);
        expect(stringsIn(view).every(isWhole)).toBe(true);
        expect((view.private_metadata ?? "").length).toBeLessThan(200);
      }),
      { numRuns: 300 },
    );
  });

  test("and the inputs are the same ones whatever becomes known: Slack keeps what was typed by their ids", () => {
    fc.assert(
      fc.property(contexts, contexts, (one, other) => {
        expect(inputsOf(twinsForm(defined(one)))).toEqual(inputsOf(twinsForm(defined(other))));
        expect(inputsOf(testForm(defined(one)))).toEqual(inputsOf(testForm(defined(other))));
      }),
      { numRuns: 50 },
    );
  });
});

const entries = fc.array(
  fc.record({
    id: foreign,
    name: foreign,
    label: foreign,
    kind: foreign,
    description: foreign,
    repo: foreign,
    url: foreign,
    twins: fc.array(foreign, { maxLength: 5 }),
    isPreset: fc.boolean(),
  }),
  { maxLength: 150 },
);

test("whatever Arga's lists hold, Slack takes the options", () => {
  fc.assert(
    fc.property(entries, foreign, fc.boolean(), (list, typed, isFresh) => {
      for (const choices of [list.map(twinChoice), list.map(scenarioChoice), list.map(testChoice)]) {
        const options = optionsFor({ choices, isFresh, pattern: /^[\w.:-]{1,100}$/ }, typed);
        expect(options.length).toBeLessThanOrEqual(100);
        expect(new Set(options.map(({ value }) => value)).size).toBe(options.length);
        const view = {
          type: "modal",
          title: { type: "plain_text", text: "x" },
          submit: { type: "plain_text", text: "x" },
          blocks: [
            {
              type: "input",
              label: { type: "plain_text", text: "x" },
              element: { type: "static_select", options },
            },
          ],
        };
        expect(stringsIn(options).every(isWhole)).toBe(true);
        if (options.length > 0) expect(validateView(view)).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});
