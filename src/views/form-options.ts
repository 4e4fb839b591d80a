import type { PlainTextOption } from "@slack/types";
import type { CatalogTwin } from "../api/catalog.ts";
import { duration, minutesOf } from "../kinds/durations.ts";
import { nearest, UsageError } from "../kinds/grammar.ts";
import { plainWord } from "../kinds/plain.ts";
import { joinTimes } from "../kinds/times.ts";
import type { ScenarioEntry, TestEntry } from "../store/arga-cache.ts";
import { type Choice, choice } from "./form-inputs.ts";

/** What the searchable fields of a form offer. */

/** Slack takes no more (docs/references/slack.md#size-limits). */
const OPTIONS_LIMIT = 100;

/** A list of Arga's, as far as it is known. */
export interface Offered {
  choices: readonly Choice[];
  /** Otherwise it may lack something that is there. */
  isFresh: boolean;
  /** What can be asked for at all; the typed word itself is offered if it is such a one. */
  pattern: RegExp;
}

/**
 * Those of a list that what was typed may mean, the likeliest first. Where the list is not known for certain, or has
 * nothing like it, the typed word itself can be chosen: the field stays usable while Arga is away.
 */
export function optionsFor({ choices, isFresh, pattern }: Offered, typed: string): PlainTextOption[] {
  const word = typed.trim().toLowerCase();
  const found = ranked(choices, word);
  const isListed = choices.some(({ value }) => value.toLowerCase() === word);
  const isOffered =
    word !== "" && !isListed && (!isFresh || found.length === 0) && pattern.test(typed.trim());
  const own = isOffered ? [{ value: typed.trim(), text: typed.trim(), description: UNSURE }] : [];
  return unique([...found, ...own])
    .flatMap(choice)
    .slice(0, OPTIONS_LIMIT);
}

const UNSURE = "As typed: not in my list";

function ranked(choices: readonly Choice[], word: string): Choice[] {
  if (word === "") return [...choices];
  const texts = ({ value, text, description = "" }: Choice): string[] =>
    [value, text, description].map((each) => each.toLowerCase());
  const starts = choices.filter((each) =>
    texts(each)
      .slice(0, 2)
      .some((text) => text.startsWith(word)),
  );
  const contains = choices.filter((each) => texts(each).some((text) => text.includes(word)));
  const all = unique([...starts, ...contains]);
  if (all.length > 0) return all;
  const near = nearest(
    word,
    choices.map(({ value }) => value),
  );
  return choices.filter(({ value }) => value === near);
}

/** Slack refuses a list that has a value twice. */
function unique(choices: readonly Choice[]): Choice[] {
  const seen = new Set<string>();
  return choices.filter(({ value }) => !seen.has(value) && seen.add(value));
}

/** Of a duration, in minutes. */
const USUAL = [15, 30, 60, 120, 240, 480];

/** The usual durations up to the most that there may be, and the one that was typed. */
export function timeChoices(typed: string, most: number): PlainTextOption[] {
  const usual = USUAL.filter((minutes) => minutes < most);
  const own = durationIn(typed, most);
  const offered = typed.trim() === "" ? [...usual, most] : own === undefined ? [] : [own];
  return offered.flatMap((minutes) => choice({ value: String(minutes), text: duration(minutes) }));
}

function durationIn(typed: string, most: number): number | undefined {
  try {
    return minutesOf(joinTimes(plainWord(typed).split(/\s+/)).join(""), most, "");
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

export const twinChoice = ({ name, label }: CatalogTwin): Choice => ({
  value: name,
  text: label || name,
  ...(label && label.toLowerCase() !== name ? { description: name } : {}),
});

export const scenarioChoice = ({ id, name, twins, isPreset }: ScenarioEntry): Choice => ({
  value: id,
  text: name,
  description: [...(isPreset ? ["preset"] : []), twins.join(", ") || "any twin"].join(" · "),
});

export const testChoice = ({ id, name, repo, url }: TestEntry): Choice => ({
  value: id,
  text: name,
  description: [repo, url?.replace(/^https?:\/\//, "")].filter(Boolean).join(" · "),
});
