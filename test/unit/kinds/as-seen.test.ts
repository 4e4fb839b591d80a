import { describe, expect, test } from "vitest";
import { linksIn } from "../../../src/kinds/markup.ts";
import { plainAddress, plainWord } from "../../../src/kinds/plain.ts";
import { cpuMs } from "../../support/cpu.ts";
import { parse } from "../support/typed.ts";

const PULL = "https://github.com/acme/shop/pull/42";
const pull = { repo: "acme/shop", prUrl: PULL };

describe("what stands around a link is no part of it", () => {
  test.each([
    [`validate <${PULL}>, thanks!`, { ...pull, notes: "thanks!" }],
    [`validate ${PULL}.`, pull],
    [`validate *<${PULL}>*`, pull],
    [`validate _${PULL}_`, pull],
    [`validate \`${PULL}\``, pull],
    [`validate (<${PULL}>).`, pull],
    [`validate &lt;${PULL}&gt;`, pull],
    [`validate acme/shop *${PULL}*`, pull],
    [
      "validate acme/shop, main, it was rewritten.",
      { repo: "acme/shop", branch: "main", notes: "it was rewritten." },
    ],
  ])("%s", (command, spec) => {
    expect(parse(command)).toEqual({ kind: "pr", spec });
  });

  test.each([
    ["test <https://x.example>, sign up.", { url: "https://x.example", prompt: "sign up." }],
    ["test sign up at https://x.example/a_(b).", { url: "https://x.example/a_(b)", prompt: "sign up at" }],
    ["run `7f3a`, *https://x.example/*", { saved: { id: "7f3a" }, url: "https://x.example/" }],
    [
      "test https://x.example see https://y.example/, then pay",
      { url: "https://x.example", prompt: "see https://y.example/, then pay" },
    ],
  ])("%s", (command, spec) => {
    expect(parse(command)).toEqual({ kind: "test", spec });
  });

  test.each([
    "https://x.example/?a=1&b='2'",
    "https://x.example/a_",
    "https://x.example/~",
    "https://[::1]",
    "https://x.example/{a}[0](b)",
    "shop.example.com.",
  ])("%s is left as it is", (word) => {
    expect(plainAddress(word)).toBe(word);
  });
});

describe("Slack's markup in a mention is what a person sees", () => {
  test("in what is to be tested", () => {
    const text =
      "mail <mailto:bob@example.com|bob@example.com>, ring <tel:+15550100|+1 555 0100>, tell <#C01|general>, open <http://main.py|main.py>";
    expect(parse(`test https://x.example ${text}`)).toEqual({
      kind: "test",
      spec: {
        url: "https://x.example",
        prompt: "mail bob@example.com, ring +1 555 0100, tell #general, open main.py",
      },
    });
  });

  test("in a branch that looks like a page", () => {
    expect(parse("agent acme/shop <http://fix-readme.md|fix-readme.md>")).toEqual({
      kind: "agent",
      spec: { repo: "acme/shop", branch: "fix-readme.md" },
    });
  });

  test("but a page that Slack made a link of is one, where a page is asked for", () => {
    const link = "<http://shop.example.com|shop.example.com>";
    const url = "http://shop.example.com";
    expect(parse(`test ${link} pay`)).toEqual({ kind: "test", spec: { url, prompt: "pay" } });
    expect(parse(`validate ${link}`)).toEqual({ kind: "url", spec: { url } });
    expect(parse(`run 7f3a ${link}`)).toEqual({ kind: "test", spec: { saved: { id: "7f3a" }, url } });
    expect(linksIn(`${link} <https://x.example|x>`)).toEqual(new Map([["shop.example.com", url]]));
  });
});

describe("what nobody sees is nothing", () => {
  test.each([
    "stripe\u200e",
    "str\u00adipe",
    "\u2068stripe\u2069",
    "ｓｔｒｉｐｅ",
    "`stripe`",
    "*stripe*,",
    "stripe.",
  ])("twins %s ６０", (name) => {
    expect(parse(`twins ${name} ６０`)).toEqual({
      kind: "twin",
      spec: { twins: ["stripe"], ttlMinutes: 60 },
    });
  });

  test("commas of full width part names", () => {
    expect(parse("twins stripe，slack、github 60").spec).toMatchObject({
      twins: ["stripe", "slack", "github"],
    });
  });

  test("in a prompt it stays", () => {
    const prompt = "６０ p\u00adages of ﬁsh, *now*.";
    expect(parse(`twins stripe --prompt "${prompt}"`).spec).toMatchObject({ scenarioPrompt: prompt });
    expect(parse(`test https://x.example ${prompt}`).spec).toMatchObject({ prompt });
  });

  test("a branch keeps its own letters", () => {
    expect(plainWord("größe")).toBe("größe");
    expect(plainWord("gro\u0308ße")).toBe("gro\u0308ße");
  });
});

test.each([
  ["2 hours", 120],
  ["90 minutes", 90],
  ["half an hour", 30],
  ["1 hour and 30 minutes", 90],
  ['"2 hours"', 120],
])("twins stripe %s", (time, ttlMinutes) => {
  expect(parse(`twins stripe ${time}`).spec).toEqual({ twins: ["stripe"], ttlMinutes });
  expect(parse(`sandbox acme/shop main ${time} stripe`).spec).toMatchObject({
    ttlMinutes,
    twins: ["stripe"],
  });
});

test("a word of nothing but marks is looked at as quickly as any other", () => {
  for (const piece of ["(", ")", "*", ".", "`", "https://(", "<http://a|", "&lt;", "“", "‘a "]) {
    const word = piece.repeat(4_000 / piece.length);
    const read = (): void => {
      plainWord(word);
      plainWord(`https://x.example/${word}`);
      try {
        parse(`test ${word.slice(0, 3_900)}`);
      } catch {
        // It's refused, soon.
      }
    };
    expect(cpuMs(read)).toBeLessThan(500);
  }
});
