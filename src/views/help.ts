import type { KnownBlock } from "@slack/types";
import type { CommandGrammar } from "../runs/grammar.ts";
import type { Content } from "./card.ts";
import { code, note, section } from "./text.ts";

/** All commands, a line each, with the first example of each. */
export function helpAll(grammars: readonly CommandGrammar[]): Content {
  const lines = grammars.map((grammar) => `${code(usage(grammar, false))}\n${grammar.says}`);
  return {
    text: "What I can do. /arga help COMMAND shows one command with all it takes.",
    blocks: [
      section("*What I can do*"),
      ...chunks(lines, 6).map((some) => section(some.join("\n"))),
      note(
        `${code("/arga help twins")} shows one command with all it takes. Try ${code("/arga twins stripe 60")}`,
      ),
    ],
  };
}

/** One command: usage, flags, examples. */
export function helpOne(grammar: CommandGrammar): Content {
  const flags = Object.entries(grammar.flags).map(
    ([name, flag]) => `${code(flagUsage(name, flag.hint))} ${flag.says}`,
  );
  const examples = grammar.examples.map((example) => code(example));
  const blocks: KnownBlock[] = [
    section(`${code(usage(grammar, true))}\n${grammar.says}`),
    ...(flags.length > 0 ? [section(flags.join("\n"))] : []),
    section(`*Examples*\n${examples.join("\n")}`),
  ];
  return { text: `${usage(grammar, true)}: ${grammar.says}`, blocks };
}

/** `/arga twins NAME… [MINUTES] [--scenario ID]`. */
export function usage(grammar: CommandGrammar, withFlags: boolean): string {
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
