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
}

/** A typed line, taken apart: words in order, flags by name. */
export interface Line {
  words: string[];
  flags: Map<string, string>;
}

const LINE_LIMIT = 4_000;

/** Splits the text after `/arga` into words; quotes group, and Slack's typographic quotes and dashes count as plain ones. */
export function words(text: string): string[] {
  if (text.length > LINE_LIMIT)
    throw new UsageError(`That is ${text.length} characters long; ${LINE_LIMIT} is the most I read.`);
  const plain = unescapeSlack(text)
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/(^|\s)[—–](?=\w)/g, "$1--");
  return Array.from(plain.matchAll(WORD), ([match]) => {
    if (match === '"') throw new UsageError('A quote (") was opened and not closed.');
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
  const offer = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes no flags";
  throw new UsageError(
    near
      ? `There is no --${name}; did you mean --${near}?`
      : `\`/arga ${grammar.name}\` does not know --${name}; ${offer}.`,
    grammar.examples[0],
  );
}

function required(value: string | undefined, name: string, grammar: CommandGrammar): string {
  if (value === undefined || isBlank(value) || /^--\w/.test(value))
    throw new UsageError(
      `--${name} needs a value after it.`,
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

/** Whether a word is meant as a time: `60`, `90m`, `2h`, `-1`, `1.5`. */
export const looksLikeMinutes = (word: string): boolean => /^[-+]?\d/.test(word);

/**
 * A time in whole minutes: `90`, `90m`, `2h`, `1h30m`.
 * @throws {UsageError} when it is none, or outside 1–`max`.
 */
export function minutesOf(word: string, max: number, tryThis: string): number {
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})(?:m|min|minutes?)?)?$/i.exec(word);
  if (!match || word === "")
    throw new UsageError(`${shown(word)} is no time; write minutes, such as 60, 90m or 2h.`, tryThis);
  const minutes = Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0);
  if (minutes < 1 || minutes > max)
    throw new UsageError(`${word} is outside what may be asked for: 1 to ${max} minutes.`, tryThis);
  return minutes;
}
