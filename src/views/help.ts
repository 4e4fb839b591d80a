import type { KnownBlock, SectionBlock } from "@slack/types";
import type { CommandGrammar, HelpGroup } from "../kinds/grammar.ts";
import { type ActionId, suffixed } from "../slack/ids.ts";
import { button } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { code, mention, note, plain, section } from "./text.ts";

/**
 * The headings of the help, in their order. All of it is made of the grammar that parses: what it shows can be typed,
 * and a new kind of run is in it at once.
 */
const TITLES: Record<HelpGroup | "start", string> = {
  start: "Start something",
  see: "Look things up",
  act: "Manage a run",
  channel: "In this channel",
};
const LINES_A_SECTION = 6;

const inThreads = (bot: string): string => `In a thread, write ${mention(bot)} instead of ${code("/arga")}.`;
const everywhere = (bot: string): string => `${inThreads(bot)} In a direct message to me, leave it out.`;

/** All commands in groups, a line each, with an example of each to be copied. */
export function helpAll(grammars: readonly CommandGrammar[], bot: string): Content {
  return {
    text: "Here's what I can do. /arga help COMMAND has the details of one command.",
    blocks: [
      section("*Here's what I can do*"),
      ...grouped(grammars).flatMap(({ title, members }) => groupBlocks(title, members)),
      note(`${code("/arga help twins")} has the details of one command. ${everywhere(bot)}`),
    ],
  };
}

/** What `/arga` alone is answered with: what fits on a screen, with a button for each of the first steps. */
export function helpShort(bot: string): Content {
  const buttons: [ActionId, string, string?][] = [
    ["home.twins", "Start twins"],
    ["home.test", "Run a test"],
    ["command.run", "My runs", "list mine"],
    ["command.run", "All commands", "help"],
  ];
  const lines = [
    `${code("/arga twins stripe 60")} starts a Stripe twin for an hour.`,
    `${code("/arga test https://shop.example.com a guest can check out")} has an agent try that.`,
    `${code("/arga validate acme/shop main")} validates a branch, a pull request or a page.`,
    `${code("/arga list")} shows what's running, ${code("/arga notify on")} tells this channel how runs end.`,
    everywhere(bot),
  ];
  const elements = buttons.map(([id, label, value], index) => ({
    ...button(value ? (suffixed(id, index) as ActionId) : id, label),
    ...(value ? { value } : {}),
  }));
  return {
    text: "I start digital twins, test runs and validations at Arga. /arga help lists all commands.",
    blocks: [section(lines.join("\n")), { type: "actions", elements }],
  };
}

interface Group {
  title: string;
  members: CommandGrammar[];
}

const grouped = (grammars: readonly CommandGrammar[]): Group[] =>
  Object.entries(TITLES)
    .map(([name, title]) => ({
      title,
      members: grammars.filter(({ group = "start" }) => group === name),
    }))
    .filter(({ members }) => members.length > 0);

function groupBlocks(title: string, members: readonly CommandGrammar[]): SectionBlock[] {
  const lines = members.map((grammar) => `${code(usage(grammar, false))}\n${grammar.says}`);
  const [first = "", ...more] = chunks(lines, LINES_A_SECTION).map((some) => some.join("\n"));
  return [
    section(`*${title}*\n${first}`),
    ...more.map(section),
    copyable(members.flatMap(({ examples }) => examples.slice(0, 1))),
  ];
}

/** One command: usage, flags, and all its examples. */
export function helpOne(grammar: CommandGrammar, bot: string): Content {
  const flags = Object.entries(grammar.flags).map(
    ([name, flag]) => `${code(flagUsage(name, flag.hint))} ${flag.says}`,
  );
  const blocks: KnownBlock[] = [
    section(`${code(usage(grammar, true))}\n${grammar.says}`),
    ...(flags.length > 0 ? [section(flags.join("\n"))] : []),
    section(grammar.examples.length === 1 ? "*Example*" : "*Examples*"),
    copyable(grammar.examples),
    note(everywhere(bot)),
  ];
  return { text: `${usage(grammar, true)}: ${grammar.says}`, blocks };
}

/** Whole commands, a line each, as code that can be copied. */
export const copyable = (commands: readonly string[]): SectionBlock =>
  section(`\`\`\`\n${commands.map(withoutTicks).join("\n")}\n\`\`\``);

const withoutTicks = (command: string): string => code(command).slice(1, -1);

/** `/arga twins NAME… [MINUTES] [--scenario ID]`. */
function usage(grammar: CommandGrammar, withFlags: boolean): string {
  const flags = withFlags
    ? Object.entries(grammar.flags).map(([name, flag]) => `[${flagUsage(name, flag.hint)}]`)
    : [];
  return ["/arga", grammar.name, grammar.operands, ...flags].filter((part) => part !== "").join(" ");
}

const flagUsage = (name: string, hint: string | undefined): string =>
  hint ? `--${name} ${hint}` : `--${name}`;

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** An answer in a thread, where Slack takes no slash commands: it says what to write instead. */
export const inThread = (content: Content, bot: string): Content =>
  JSON.stringify(content.blocks).includes("/arga ") ? withNote(content, inThreads(bot)) : content;

/** For what needs a window: Slack lets us open one after a press, not after a message. */
export const withButton = (content: Content, label: string): Content =>
  withNote(content, `I can only open a window when you press a button: press *${label}*.`);

const withNote = (content: Content, words: string): Content => ({
  ...content,
  blocks: [...content.blocks, note(words)],
  ...(content.plainer ? { plainer: [...content.plainer, note(words)] } : {}),
});

/** The help of a command that has a form, with a button that opens it. */
export function helpWithForm(grammar: CommandGrammar, bot: string): Content {
  const { text, blocks } = helpOne(grammar, bot);
  const button = {
    type: "button" as const,
    action_id: "talk.open" satisfies ActionId,
    text: plain("Open the form", LIMITS.buttonText),
    value: grammar.name,
  };
  return { text, blocks: [...blocks, { type: "actions", elements: [button] }] };
}
