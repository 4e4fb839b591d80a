import { closest, distance } from "fastest-levenshtein";
import { CodedError } from "../base/errors.ts";
import { asSeen } from "./markup.ts";
import { folded, plainWord } from "./plain.ts";
import { closingDouble, closingSingle, DOUBLE_QUOTES, unquoted } from "./quotes.ts";
import { joinTimes } from "./times.ts";

/** A command that somebody may run by a button instead of typing it. */
export interface Offer {
  label: string;
  command: string;
}

/** What was typed cannot be understood; the message says why and `tryThis` is a command that works. */
export class UsageError extends CodedError {
  readonly code = "USAGE";

  constructor(
    message: string,
    readonly tryThis?: string,
    /** Whole commands that may have been meant, each with all that was typed, by what a button calls them. */
    readonly offers: readonly Offer[] = [],
  ) {
    super(message);
  }
}

/** A flag that there isn't, though one is nearly called so. */
export class MistypedFlag extends UsageError {
  constructor(
    message: string,
    tryThis: string | undefined,
    /** As it was typed, without its dashes, and as it was meant. */
    readonly flag: { typed: string; meant: string },
  ) {
    super(message, tryThis);
  }
}

/** A flag takes a value unless `value` is false; `hint` names the value in the usage line. */
interface Flag {
  hint?: string;
  value: boolean;
  /** Its value is text for Arga, which stays as it was typed. */
  isText?: true;
  says: string;
}

/** One command, for the parser and for the help alike. */
export interface CommandGrammar {
  name: string;
  /** After the name, for example `NAME… [MINUTES]`; flags are added by the help. */
  operands: string;
  says: string;
  flags: Record<string, Flag>;
  /** Its words may be text for Arga, which stays as it was typed; otherwise all are names, ids, times and addresses. */
  isText?: true;
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
  /** The addresses behind words that Slack took for links by itself. */
  links?: ReadonlyMap<string, string>;
  /** Slack ids of the people who are mentioned in it, in order. */
  people?: readonly string[];
}

const LINE_LIMIT = 4_000;

/** Splits the text after `/arga` into words; quotes group, and Slack's markup is undone. */
export function words(text: string): string[] {
  refuseLong(text);
  const line = asSeen(text);
  const all: string[] = [];
  const apostrophes = new Set<string>();
  for (let at = 0; at < line.length; ) {
    if (isGap(line.charAt(at))) at++;
    else {
      const { word, end } = wordAt(line, at, apostrophes);
      all.push(word);
      at = end;
    }
  }
  return all;
}

/** Before anything is looked for in it. Throws {@link UsageError}. */
export function refuseLong(text: string): void {
  if (text.length > LINE_LIMIT)
    throw new UsageError(`That's ${text.length} characters. I read up to ${LINE_LIMIT}.`);
}

/** Between words stand spaces, also those that have no width. */
const isGap = (char: string): boolean => /[\s\u200b\u2060]/.test(char);

/** A word: quoted pieces and plain characters without a space between them. */
function wordAt(line: string, start: number, apostrophes: Set<string>): { word: string; end: number } {
  let word = "";
  let at = start;
  while (at < line.length && !isGap(line.charAt(at))) {
    const isQuote = DOUBLE_QUOTES.has(line.charAt(at));
    const close = isQuote ? closingDouble(line, at) : closingSingle(line, at, apostrophes);
    if (close < 0 && isQuote) throw new UsageError("There's a quote (\") without a closing one.");
    word += close < 0 ? line.charAt(at) : unquoted(line.slice(at + 1, close));
    at = Math.max(at, close) + 1;
  }
  return { word, end: at };
}

/** Reads `--name value`, `--name=value` and bare words, in any order. Quotes with nothing but blanks in them say nothing. */
export function readLine(all: string[], grammar: CommandGrammar): Line {
  const bare: string[] = [];
  const flags: Line["flags"] = new Map();
  for (let i = 0; i < all.length; i++) {
    const word = all[i] ?? "";
    const typed = flagIn(word, grammar);
    if (typed) i += readFlag(typed, all[i + 1], grammar, flags);
    else if (!isBlank(word)) bare.push(word);
  }
  return { words: grammar.isText ? bare : joinTimes(bare.map(plainWord)), flags };
}

interface TypedFlag {
  name: string;
  /** Its name as it was typed. */
  typed: string;
  inline?: string;
}

/** Returns how many words it took behind its own. */
function readFlag(
  { name, typed, inline }: TypedFlag,
  next: string | undefined,
  grammar: CommandGrammar,
  flags: Line["flags"],
): number {
  const flag = flagOf({ name, typed }, grammar);
  if (!flag.value && inline !== undefined)
    throw new UsageError(`--${name} takes no value.`, grammar.examples[0]);
  const takesNext = flag.value && inline === undefined;
  const value = required(takesNext ? next : (inline ?? "true"), name, grammar);
  if (flags.has(name)) throw new UsageError(`You gave --${name} twice. Which one?`, grammar.examples[0]);
  flags.set(name, flag.isText ? value : plainWord(value));
  return takesNext ? 1 : 0;
}

/** Slips that are put right in one line, and places that each may stand at: the line is read again for each. */
const SLIPS = 2;
const PLACES = 3;

/** What follows a command's name, as it was typed, with the names of its flags put right; undefined: more is wrong with it. */
export function mended(
  text: string,
  grammar: CommandGrammar,
  // What was put right already. If that is still wrong, it was so in another place.
  before: readonly string[] = [],
): string | undefined {
  try {
    readLine(words(text), grammar);
    return text;
  } catch (error) {
    if (!(error instanceof MistypedFlag) || before.length === SLIPS) return undefined;
    const { typed, meant } = error.flag;
    if (before.includes(typed)) return undefined;
    return placesOf(typed, text)
      .map(({ from, to }) => `${text.slice(0, from)}--${meant}${text.slice(to)}`)
      .map((line) => mended(line, grammar, [...before, typed]))
      .find((line) => line !== undefined);
  }
}

/** Where a flag of that name is, or seems to be: the same may stand in a text. */
function placesOf(typed: string, text: string): { from: number; to: number }[] {
  const places: { from: number; to: number }[] = [];
  for (let at = text.indexOf(typed); at >= 0 && places.length < PLACES; at = text.indexOf(typed, at + 1)) {
    const dashes = /[-–—‒―−－]{1,9}$/.exec(text.slice(Math.max(0, at - 9), at))?.[0].length ?? 0;
    const to = at + typed.length;
    if (dashes > 0 && /^(?:[\s=＝]|$)/.test(text.slice(to, to + 1))) places.push({ from: at - dashes, to });
  }
  return places;
}

const FLAG = /^([-–—‒―−－]{1,9})([\p{L}_][^\s=＝]*)(?:[=＝]([\s\S]*))?$/u;

/** Whether a word would be taken for a flag by some command. */
export const looksLikeFlag = (word: string): boolean => /^(?:--|[^-])/.test(word) && FLAG.test(word);

/** A keyboard makes one long dash of two: it's a flag where there is one of that name, and in text nothing else is. */
function flagIn(word: string, grammar: CommandGrammar): TypedFlag | undefined {
  const [, dashes = "", typed = "", inline] = FLAG.exec(word) ?? [];
  const usual = folded(typed);
  const name = Object.hasOwn(grammar.flags, usual.toLowerCase()) ? usual.toLowerCase() : usual;
  const isFlag =
    dashes === "--" ||
    (typed !== "" && dashes !== "-" && (!grammar.isText || Object.hasOwn(grammar.flags, name)));
  return isFlag ? { name, typed, ...(inline === undefined ? {} : { inline }) } : undefined;
}

function flagOf({ name, typed }: Pick<TypedFlag, "name" | "typed">, grammar: CommandGrammar): Flag {
  const flag = Object.hasOwn(grammar.flags, name) ? grammar.flags[name] : undefined;
  if (flag) return flag;
  const near = nearest(name, Object.keys(grammar.flags));
  const known = Object.keys(grammar.flags).map((known) => `--${known}`);
  const offer = known.length > 0 ? `It takes ${known.join(", ")}.` : "It takes no flags.";
  if (near)
    throw new MistypedFlag(
      `There's no \`--${name}\` flag. Did you mean \`--${near}\`?`,
      grammar.examples[0],
      { typed, meant: near },
    );
  throw new UsageError(`\`/arga ${grammar.name}\` has no --${name} flag. ${offer}`, grammar.examples[0]);
}

function required(value: string | undefined, name: string, grammar: CommandGrammar): string {
  if (value === undefined || isBlank(value) || flagIn(value, { ...grammar, isText: true }))
    throw new UsageError(
      `--${name} needs a value.`,
      grammar.examples.find((e) => e.includes(name)),
    );
  return value;
}

const isBlank = (word: string): boolean => folded(word).trim() === "";

/** A typed word as it may stand in our own sentence: as code, short, and unable to end that code. */
export const shown = (word: string): string => `\`${[...word.replaceAll("`", "")].slice(0, 60).join("")}\``;

/** The nearest of the known words, if it is near enough to be what was meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 40) return undefined;
  const candidate = closest(word.toLowerCase(), known);
  const allowed = Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3));
  return distance(word.toLowerCase(), candidate) <= allowed ? candidate : undefined;
}
