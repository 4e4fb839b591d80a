import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allKinds } from "../../../src/kinds/index.ts";
import { grammars, isStart, parse, refusalOf } from "../support/typed.ts";

const URL_ = "https://shop.example.com";
const PULL = "https://github.com/acme/shop/pull/42";

const word = fc.oneof(
  fc.constantFrom(
    URL_,
    PULL,
    `${PULL}/files`,
    "shop.example.com",
    "shop.example.com/a?b='c\"",
    "acme/shop",
    "acme/shop.js",
  ),
  fc.constantFrom(
    "main",
    "stripe",
    "60",
    "90",
    "481",
    "k7m2qx",
    "https://a:b@c.example",
    "http://",
    "example.com/x",
  ),
  fc.constantFrom(
    "--twins",
    "--twins=stripe",
    "--repo",
    "--branch=a..b",
    "--sandbox",
    "--notes",
    "--scenario",
    "--private",
  ),
  fc.constantFrom(
    '"',
    "'",
    "it's",
    "“a b”",
    '"--x"',
    '"—y"',
    '"a\\"b"',
    '""',
    '" "',
    '--notes=" "',
    "\\",
    "`",
    "<b>",
    "&lt;",
    "--",
    "-x",
    "😀",
  ),
  fc.string({ maxLength: 12 }),
);
const line = fc
  .tuple(fc.constantFrom(...grammars.map(({ name }) => name)), fc.array(word, { maxLength: 7 }))
  .map(([name, parts]) => `${name} ${parts.join(" ")}`);

/** Texts as a person may mean them: one line, not too long to be repeated. */
const text = fc
  .array(fc.constantFrom("a", " ", "it's", '"', "\\", "'", "--x", "&lt", "<b>", "?", "😀", "#1", "=", ","), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) =>
    parts
      .join("")
      .replace(/\s+/g, " ")
      .replace(/^[\s-]+/, "")
      .trim(),
  )
  .filter((words) => words !== "");
const asWord = (words: string): string => `"${words.replace(/["\\]/g, "\\$&")}"`;

const corrected = fc
  .tuple(
    text.map(asWord),
    fc.constantFrom<[form: string, minutes?: number]>(
      [`test ${URL_} TEXT --twins strpe --repo a/b.c --branch d/e`],
      ["test TEXT --sandbox k7m2qx --twins strpe"],
      [`test ${URL_}/?a=1&b='2' TEXT --twins strpe`],
      [`validate ${URL_} TEXT --twins strpe`],
      [`validate ${PULL} --notes TEXT --twins strpe`],
      ["validate acme/shop a'b --notes TEXT --twins strpe"],
      ["sandbox acme/shop main strpe 60 --scenario TEXT", 5],
      [`sandbox ${PULL} strpe 60`, 5],
      ["twins strpe 60 --prompt TEXT --private", 5],
      ["twins strpe 60 --scenario TEXT", 5],
    ),
  )
  .map(([words, [form, minutes]]) => ({ command: form.replace("TEXT", () => words), minutes }));

describe("whatever is typed", () => {
  test("is taken, or refused with a command that works where it is the same one", () => {
    fc.assert(
      fc.property(line, (command) => {
        const { tryThis = "" } = refusalOf(command) ?? {};
        if (isStart(tryThis)) expect(() => parse(tryThis)).not.toThrow();
      }),
      { numRuns: 3_000 },
    );
  });

  test("a refusal repeats no word at any length", () => {
    fc.assert(
      fc.property(line, fc.constantFrom("x", "😀", "!", "a/", "https://"), (command, piece) => {
        const { message = "" } = refusalOf(`${command} ${piece.repeat(700)}`) ?? {};
        expect(message.length).toBeLessThan(500);
        expect(message).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      }),
    );
  });

  test("with other twins or less time it is a command again, and means the same otherwise", () => {
    fc.assert(
      fc.property(corrected, ({ command, minutes }) => {
        const { kind, spec } = parse(command);
        const needs = allKinds.find((each) => each.kind === kind)?.needs(spec);
        const again = needs?.retype(["slack", "stripe"], minutes) ?? "";
        const time = minutes === undefined ? {} : { ttlMinutes: minutes };
        expect(parse(again)).toEqual({
          kind,
          spec: { ...Object(spec), twins: ["slack", "stripe"], ...time },
        });
      }),
    );
  });

  test("with no twins at all it is a command again", () => {
    fc.assert(
      fc.property(corrected, ({ command, minutes }) => {
        fc.pre(!command.startsWith("twins"));
        const { kind, spec } = parse(command);
        const needs = allKinds.find((each) => each.kind === kind)?.needs(spec);
        expect(parse(needs?.retype([], minutes) ?? "").kind).toBe(kind);
      }),
    );
  });
});
