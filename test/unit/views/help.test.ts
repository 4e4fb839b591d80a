import { describe, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { grammars } from "../../../src/handlers/commands/index.ts";
import { type CommandGrammar, readLine, words } from "../../../src/kinds/grammar.ts";
import { allKinds } from "../../../src/kinds/index.ts";
import type { Content } from "../../../src/views/card.ts";
import { helpAll, helpOne, helpWithForm, inThread, withButton } from "../../../src/views/help.ts";
import { copied } from "../support/copied.ts";
import { smuggled } from "../support/scan.ts";

/** Reads a whole command as the bot does: by its grammar and, if it starts something, by the kind that takes it. */
function read(command: string): void {
  expect(command).toMatch(/^\/arga \S/);
  const [name = "", ...rest] = words(command.replace("/arga ", ""));
  const grammar = grammars.find((each) => each.name === name);
  if (!grammar) throw new Error(`no command ${name} for ${command}`);
  const line = readLine(rest, grammar);
  const parsers = allKinds.flatMap((kind) => kind.commands.filter((each) => each.grammar.name === name));
  const limits = { maxTtlMinutes: 480 };
  const isTaken = parsers.some(({ parse }) => parse(line, limits) !== undefined);
  expect(isTaken || parsers.length === 0).toBe(true);
}

const BOT = "U0BOT";

const pages: [string, Content][] = [
  ["all", helpAll(grammars, BOT)],
  ...grammars.map((grammar): [string, Content] => [grammar.name, helpOne(grammar, BOT)]),
  ...grammars.map((grammar): [string, Content] => [
    `${grammar.name}, with a form`,
    helpWithForm(grammar, BOT),
  ]),
];

describe.each(pages)("the help of %s", (_name, page) => {
  test("is a message that Slack takes, alone and in a thread", () => {
    for (const content of [page, inThread(page, BOT)]) {
      expect(validateMessage(content)).toEqual([]);
      expect(smuggled(content, { mentions: [BOT] })).toEqual([]);
    }
  });

  test("has examples to be copied, each of which can be read", () => {
    expect(copied(page).length).toBeGreaterThan(0);
    for (const command of copied(page)) read(command);
  });

  test("loses nothing to Slack's limits", () => {
    expect(JSON.stringify(page.blocks)).not.toMatch(/…"/);
  });
});

test("each command stands in the whole help once, whatever commands there will be", () => {
  const more: CommandGrammar[] = [
    ...grammars,
    { name: "brandnew", operands: "", says: "Something new.", flags: {}, examples: ["/arga brandnew"] },
  ];
  const shown = JSON.stringify(helpAll(more, BOT).blocks);
  for (const { name, says } of more) {
    expect(shown).toContain(`\`/arga ${name}`);
    expect(shown.split(JSON.stringify(says).slice(1, -1))).toHaveLength(2);
  }
});

test("all examples of a command stand on its page", () => {
  for (const grammar of grammars) expect(copied(helpOne(grammar, BOT))).toEqual(grammar.examples);
});

test("an answer without a command needs no word on threads", () => {
  const content = { text: "Hello", blocks: [] };
  expect(inThread(content, BOT)).toBe(content);
  expect(withButton({ ...content, plainer: [] }, "Logs").plainer).toHaveLength(1);
});

test("a thread's hint names the bot as it's called in that workspace", () => {
  for (const [, page] of pages) {
    expect(JSON.stringify(inThread(page, BOT).blocks)).toContain(`write <@${BOT}> instead of`);
    expect(JSON.stringify(page)).not.toContain("@arga");
  }
});
