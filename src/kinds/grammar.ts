import { closest, distance } from "fastest-levenshtein";
import { CodedError } from "../base/errors.ts";

/** What was typed cannot be understood; the message says why and `tryThis` is a command that works. */
export class UsageError extends CodedError {
  readonly code = "USAGE";

  constructor(
    message: string,
    readonly tryThis?: string,
  ) {
    super(message);
  }
}

/** A flag takes a value unless `value` is false; `hint` names the value in the usage line. */
export interface Flag {
  hint?: string;
  value: boolean;
  says: string;
}

/** One command, for the parser and for the help alike. */
export interface CommandGrammar {
  name: string;
  /** After the name, for example `NAME… [MINUTES]`; flags are added by the help. */
  operands: string;
  says: string;
  flags: Record<string, Flag>;
  /** Whole commands that work. */
  examples: string[];
  /** Under which heading the help has it; without one, it starts something. */
  group?: HelpGroup;
}

export type HelpGroup = "see" | "act" | "channel";

/** A typed line, taken apart: words in order, flags by name. */
export interface Line {
  words: string[];
  flags: Map<string, string>;
}

const LINE_LIMIT = 4_000;

/** Splits the text after `/arga` into words; quotes group, and Slack's typographic quotes and dashes count as plain ones. */
export function words(text: string): string[] {
  if (text.length > LINE_LIMIT)
    throw new UsageError(`That's ${text.length} characters. I read up to ${LINE_LIMIT}.`);
  const plain = unescapeSlack(text)
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/(^|\s)[—–](?=\w)/g, "$1--");
  return Array.from(plain.matchAll(WORD), ([match]) => {
    if (match === '"') throw new UsageError("There's a quote (\") without a closing one.");
    return unquoted(match);
  });
}

/** A word: quoted pieces and plain characters without a space between them; or a quote that is left open. */
const WORD = /(?:"(?:\\[\s\S]|[^"\\])*"|(?<=^|[\s=,])'(?:\\[\s\S]|[^'\\])*'(?=[\s,]|$)|[^\s"])+|"/g;
const QUOTED = /"((?:\\[\s\S]|[^"\\])*)"|(?<=^|[=,])'((?:\\[\s\S]|[^'\\])*)'(?=,|$)/g;

const unquoted = (word: string): string =>
  word.replace(QUOTED, (_, double?: string, single?: string) =>
    (double ?? single ?? "").replace(/\\(["'\\])/g, "$1"),
  );

/** Slack sends `&`, `<` and `>` as entities, and links as `<url>` or `<url|label>` where escaping is on. */
const unescapeSlack = (text: string): string =>
  text
    .replace(/<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/[\u00a0\u200b\u2060]/g, " ");

/** Reads `--name value`, `--name=value` and bare words, in any order. Quotes with nothing but blanks in them say nothing. */
export function readLine(all: string[], grammar: CommandGrammar): Line {
  const line: Line = { words: [], flags: new Map() };
  for (let i = 0; i < all.length; i++) {
    const word = all[i] ?? "";
    if (!/^--\w/.test(word)) {
      if (!isBlank(word)) line.words.push(word);
      continue;
    }
    const [name = "", ...rest] = word.slice(2).split("=");
    const flag = flagOf(name, grammar);
    const inline = word.includes("=") ? rest.join("=") : undefined;
    if (!flag.value && inline !== undefined)
      throw new UsageError(`--${name} takes no value.`, grammar.examples[0]);
    const value = inline ?? (flag.value ? all[++i] : "true");
    line.flags.set(name, required(value, name, grammar));
  }
  return line;
}

function flagOf(name: string, grammar: CommandGrammar): Flag {
  const flag = Object.hasOwn(grammar.flags, name) ? grammar.flags[name] : undefined;
  if (flag) return flag;
  const near = nearest(name, Object.keys(grammar.flags));
  const known = Object.keys(grammar.flags).map((known) => `--${known}`);
  const offer = known.length > 0 ? `It takes ${known.join(", ")}.` : "It takes no flags.";
  throw new UsageError(
    near
      ? `There's no --${name} flag. Did you mean --${near}?`
      : `\`/arga ${grammar.name}\` has no --${name} flag. ${offer}`,
    grammar.examples[0],
  );
}

function required(value: string | undefined, name: string, grammar: CommandGrammar): string {
  if (value === undefined || isBlank(value) || /^--\w/.test(value))
    throw new UsageError(
      `--${name} needs a value.`,
      grammar.examples.find((e) => e.includes(name)),
    );
  return value;
}

const isBlank = (word: string): boolean => word.trim() === "";

/** A typed word as it may stand in our own sentence: as code, short, and unable to end that code. */
export const shown = (word: string): string => `\`${[...word.replaceAll("`", "")].slice(0, 60).join("")}\``;

/** The nearest of the known words, if it is near enough to be what was meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 40) return undefined;
  const candidate = closest(word.toLowerCase(), known);
  const allowed = Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3));
  return distance(word.toLowerCase(), candidate) <= allowed ? candidate : undefined;
}
