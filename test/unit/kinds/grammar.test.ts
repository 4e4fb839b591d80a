import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { looksLikeMinutes, minutesOf } from "../../../src/kinds/durations.ts";
import {
  type CommandGrammar,
  mended,
  nearest,
  readLine,
  UsageError,
  words,
} from "../../../src/kinds/grammar.ts";
import { closingSingle } from "../../../src/kinds/quotes.ts";
import { cpuMs } from "../../support/cpu.ts";

const grammar: CommandGrammar = {
  name: "twins",
  operands: "NAME… [MINUTES]",
  says: "",
  flags: {
    scenario: { value: true, hint: "ID", says: "" },
    prompt: { value: true, hint: '"text"', says: "" },
    private: { value: false, says: "" },
  },
  examples: ["/arga twins stripe 60", "/arga twins stripe --scenario ID", '/arga twins x --prompt "y"'],
};

const read = (text: string) => {
  const line = readLine(words(text), grammar);
  return { words: line.words, flags: Object.fromEntries(line.flags) };
};

/** What the person is told; fails if nothing is wrong. */
function complaint(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was found to be wrong");
}

describe("words", () => {
  test.each<[string, string[]]>([
    ["", []],
    ["  \t\n ", []],
    ["twins stripe 60", ["twins", "stripe", "60"]],
    ["  twins   stripe\n60 ", ["twins", "stripe", "60"]],
    ['--prompt "one customer" 60', ["--prompt", "one customer", "60"]],
    ["--prompt 'one customer' 60", ["--prompt", "one customer", "60"]],
    ['--prompt="one customer"', ["--prompt=one customer"]],
    ['"say \\"hi\\" and \\\\"', ['say "hi" and \\']],
    ["--prompt='one customer'", ["--prompt=one customer"]],
    ["don't can't", ["don't", "can't"]],
    ["users' and admins'", ["users'", "and", "admins'"]],
    ['"it\'s due"', ["it's due"]],
    ["a,b c", ["a,b", "c"]],
    ["a\u00a0b\u200bc", ["a", "b", "c"]],
  ])("%j", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["“one customer”", ["one customer"]],
    ["„one customer“", ["one customer"]],
    ["«one customer»", ["one customer"]],
    ["‘one customer’", ["one customer"]],
    ["a – b", ["a", "–", "b"]],
  ])("what a phone makes of plain characters: %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['--notes "the “new cart” was rewritten"', ["--notes", "the “new cart” was rewritten"]],
    ['“the "new cart" was”', ['the "new cart" was']],
    ["“the “new” cart” x", ["the “new” cart", "x"]],
    ["«a “b” c» x", ["a “b” c", "x"]],
    ["‘don’t worry’ x", ["don’t worry", "x"]],
    ["\"it’s 'new'\" x", ["it’s 'new'", "x"]],
    ["“a\u00a0b”", ["a\u00a0b"]],
  ])("quotes close with their own kind: %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each(['“a b"', '"a b”', "“a b“", "”a b”", "»a b«"])("%s is one piece all the same", (text) => {
    expect(words(text)).toEqual(["a b"]);
  });

  test("an apostrophe opens no quote", () => {
    expect(words("don’t and can’t")).toHaveLength(3);
    expect(words("don't and can't")).toHaveLength(3);
  });

  test.each<[string, string[]]>([
    ["a &amp; b &lt;c&gt;", ["a", "&", "b", "<c>"]],
    ["&amp;lt;", ["&lt;"]],
    ["<https://shop.example/cart>", ["https://shop.example/cart"]],
    ["<https://shop.example/a?b=1&amp;c=2|shop.example>", ["https://shop.example/a?b=1&c=2"]],
    ["<mailto:a@b.example|a@b.example>", ["a@b.example"]],
    ["<tel:+15550100|+1 555 0100>", ["+1", "555", "0100"]],
    ["<#C01|general> <#C01|> <@U01|ada> <@U01>", ["#general", "#channel", "@ada", "@someone"]],
    ["<!channel> <!subteam^S1|@web> <!date^1^{date}|today>", ["@channel", "@web", "today"]],
    ["<http://main.py|main.py> <http://Fix.md/|Fix.md>", ["main.py", "Fix.md"]],
    ["<https://shop.example/x|the shop>", ["https://shop.example/x"]],
    ["<b> <foo|bar>", ["<b>", "<foo|bar>"]],
  ])("what Slack makes of plain characters: %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each(['"', 'twins "stripe', 'twins stripe"', "“stripe", '--prompt "a" "b'])(
    "a quote left open is said, not guessed at: %s",
    (text) => {
      expect(complaint(() => words(text)).message).toContain("without a closing one");
    },
  );

  test("5,000 characters are refused with their number", () => {
    expect(complaint(() => words("x".repeat(5_000))).message).toContain("5000");
  });

  test("an empty pair of quotes is not passed over: what follows would take its place", () => {
    expect(complaint(() => read('stripe --prompt "" 60')).message).toContain("--prompt needs a value");
  });
});

describe("flags", () => {
  test.each([
    ["—private stripe", { words: ["stripe"], flags: { private: "true" } }],
    ["stripe ——private", { words: ["stripe"], flags: { private: "true" } }],
    ["stripe –prompt=x", { words: ["stripe"], flags: { prompt: "x" } }],
    ["stripe －－ｐｒｉｖａｔｅ", { words: ["stripe"], flags: { private: "true" } }],
    ['--scenario "balance –50 and —draft"', { words: [], flags: { scenario: "balance –50 and —draft" } }],
    ['--prompt "—draft" –50', { words: ["–50"], flags: { prompt: "—draft" } }],
    ["--scenario ID. *stripe*", { words: ["stripe"], flags: { scenario: "ID" } }],
    ["--scenario abc stripe", { words: ["stripe"], flags: { scenario: "abc" } }],
    ["--scenario=abc stripe", { words: ["stripe"], flags: { scenario: "abc" } }],
    ["stripe --prompt=a=b", { words: ["stripe"], flags: { prompt: "a=b" } }],
    ["--private stripe", { words: ["stripe"], flags: { private: "true" } }],
    ["a --private b --scenario s c", { words: ["a", "b", "c"], flags: { private: "true", scenario: "s" } }],
    ["stripe --PRIVATE", { words: ["stripe"], flags: { private: "true" } }],
    ["stripe for 2 hours", { words: ["stripe", "2h"], flags: {} }],
    ["for stripe", { words: ["for", "stripe"], flags: {} }],
    ["-- - stripe", { words: ["--", "-", "stripe"], flags: {} }],
  ])("%s", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("in text, a dash is a dash unless it's in front of a flag's name", () => {
    const line = readLine(words("shows –5 euro —draft -x --50 —private"), { ...grammar, isText: true });
    expect(line.words).toEqual(["shows", "–5", "euro", "—draft", "-x", "--50"]);
    expect(line.flags).toEqual(new Map([["private", "true"]]));
  });

  test("a nearly right one is answered with the right one, and a command that works", () => {
    const error = complaint(() => read("stripe --scenaro x"));
    expect(error.message).toContain("Did you mean `--scenario`?");
    expect(error.tryThis).toBe("/arga twins stripe 60");
  });

  test.each([
    ["stripe --scenaro x", "stripe --scenario x"],
    ["stripe —scenaro=x 60", "stripe --scenario=x 60"],
    ['stripe --promt "say --promt twice" --privat', 'stripe --prompt "say --promt twice" --private'],
    ['stripe --prompt "a --scenaro b" --scenaro c', 'stripe --prompt "a --scenaro b" --scenario c'],
    ["stripe --scenaro", undefined],
    ["stripe --nothing x", undefined],
    ["stripe --scenaro x --nothing y", undefined],
  ])("%s is mended, with all that was typed", (typed, right) => {
    expect(mended(typed, grammar)).toBe(right);
  });

  test("an unknown one is answered with those there are", () => {
    expect(complaint(() => read("stripe --fast")).message).toMatch(/--scenario, --prompt, --private/);
    const none = { ...grammar, flags: {} };
    expect(complaint(() => readLine(["--fast"], none)).message).toContain("no flags");
  });

  test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "--%s is not known just because every object has one",
    (name) => {
      expect(complaint(() => read(`stripe --${name}`)).message).toContain(`--${name}`);
    },
  );

  test.each(["--scenario", "--scenario --private", "--scenario="])(
    "%s lacks its value, and the next flag is not taken for it",
    (text) => {
      const error = complaint(() => read(`stripe ${text}`));
      expect(error.message).toContain("--scenario needs a value");
    },
  );

  test.each([
    ["--scenario a --scenario b", "You gave --scenario twice. Which one?"],
    ["--private --private", "You gave --private twice. Which one?"],
  ])("%s: the first is not dropped in silence", (text, why) => {
    expect(complaint(() => read(`stripe ${text}`)).message).toBe(why);
  });

  test("--private=false does not make it private", () => {
    expect(complaint(() => read("stripe --private=false")).message).toContain("--private");
  });
});

describe("minutes", () => {
  test.each<[string, number]>([
    ["60", 60],
    ["90m", 90],
    ["90min", 90],
    ["1minute", 1],
    ["2h", 120],
    ["2H", 120],
    ["1h30m", 90],
    ["1h30", 90],
    ["2 hours", 120],
    ["90 minutes", 90],
    ["half an hour", 30],
    ["an hour and a half", 90],
    ["1 hour and 30 minutes", 90],
    ["1 h 30 min", 90],
    ["1.5 hours", 90],
    ["8h", 480],
    ["1", 1],
    ["007", 7],
  ])("%s", (word, expected) => {
    expect(minutesOf(word, 480, "/arga x 1")).toBe(expected);
  });

  test.each([
    ["0", "`0` is too short. The least is 1 min."],
    ["0m", "`0m` is too short. The least is 1 min."],
    ["0h0m", "`0h0m` is too short. The least is 1 min."],
    ["481", "8 h 1 min is too long. The most is 8 h."],
    ["9h", "9 h is too long. The most is 8 h."],
    ["999999", "16666 h 39 min is too long. The most is 8 h."],
  ])("%s is outside 1 to 480, which is said", (word, why) => {
    const error = complaint(() => minutesOf(word, 480, "/arga x 1"));
    expect(error.message).toBe(why);
    expect(error.tryThis).toBe("/arga x 1");
  });

  test.each(["", "abc", "-1", "1.5", "+5", "m", "h", "60s", "30m1h", "1e2", "9999999", "٣", "6 0"])(
    "%j is no time",
    (word) => {
      expect(complaint(() => minutesOf(word, 480, "/arga x 1")).message).toContain("isn't a time");
    },
  );

  test("what begins like a number is meant as a time", () => {
    for (const word of ["60", "-1", "+5", "1.5", "0", "2h"]) expect(looksLikeMinutes(word)).toBe(true);
    for (const word of ["stripe", "", "-", "h2", "m"]) expect(looksLikeMinutes(word)).toBe(false);
  });
});

describe("the nearest word", () => {
  const known = ["stripe", "slack", "github", "google_drive"];

  test.each([
    ["strpe", "stripe"],
    ["STRIPE", "stripe"],
    ["gihtub", "github"],
    ["googledrive", "google_drive"],
  ])("%s means %s", (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  test.each(["paypal", "xyz", "x".repeat(41), "😀😀😀"])("%s means none of them", (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  test("there is none among none", () => expect(nearest("stripe", [])).toBeUndefined());
});

/** Texts full of what has a meaning here. */
const typed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        "'",
        "“",
        "”",
        "‘",
        "’",
        "\\",
        " ",
        "--",
        "—",
        "=",
        ",",
        "&lt;",
        "<https://a|",
        ">",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

describe("whatever is typed", () => {
  test("is read or refused with a reason, and never fails otherwise", () => {
    fc.assert(
      fc.property(typed, (text) => {
        try {
          readLine(words(text), grammar);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("in quotes, one word is one word", () => {
    const plain = typed.filter((text) => text.trim() !== "" && !/[“”„«»‘’—–<&\u00a0\u200b\u2060]/.test(text));
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
        expect(words(`${quoted(one)} x ${quoted(other)}`)).toEqual([one, "x", other]);
      }),
    );
  });

  test("of the longest kind is read at once", () => {
    for (const piece of ["'", "'a", '\\"', '"\\"', '""', "<https://", "<http://a|", "—a"]) {
      const text = piece.repeat(Math.floor(4_000 / piece.length));
      const read = (): void => {
        try {
          words(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      };
      expect(cpuMs(read)).toBeLessThan(500);
    }
  });
});

test("a line of apostrophes is looked through once, and an endless one not at all", () => {
  const apostrophes = new Set<string>();
  const text = "'a ".repeat(200_000);
  const started = performance.now();
  let open = 0;
  for (let at = 0; at < text.length; at += 3) if (closingSingle(text, at, apostrophes) === -1) open++;
  expect(open).toBe(200_000);
  // Looked through from each of them, it takes many minutes.
  expect(performance.now() - started).toBeLessThan(10_000);
});
