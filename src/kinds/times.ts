/** Times as people write them in several words, such as `2 hours` or `half an hour`, as the one word that they mean. */

const NUMBER = /^\d{1,6}(?:[.,]\d{1,2})?$/;
const HOURS = /^(?:h|hrs?|hours?)$/i;
const FOR = /^for$/i;
const MINUTES = /^(?:m|mins?|minutes?)$/i;
const WITH_HOURS = /^\d{1,6}(?:[.,]\d{1,2})?(?:h|hrs?|hours?)$/i;
const WITH_MINUTES = /^\d{1,6}(?:m|mins?|minutes?)$/i;

/** In words; those that begin like another come first. */
const PHRASES: readonly [words: string, time: string][] = [
  ["an hour and a half", "90m"],
  ["one hour and a half", "90m"],
  ["a quarter of an hour", "15m"],
  ["quarter of an hour", "15m"],
  ["half an hour", "30m"],
  ["half a hour", "30m"],
  ["a half hour", "30m"],
  ["half hour", "30m"],
  ["an hour", "1h"],
  ["one hour", "1h"],
];

/** The words, with each time that is written in several as one. */
export function joinTimes(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; ) {
    const phrase = PHRASES.find(([text]) => startsWith(words, at, text.split(" ")));
    const [time, count] = phrase ? [phrase[1], phrase[0].split(" ").length] : numberAt(words, at);
    joined.push(time);
    at += count;
  }
  return joined.reduce<string[]>(addMinutes, []).filter((word, at, all) => !isFor(word, all[at + 1]));
}

/** `for 2 hours` is `2 hours`. */
const isFor = (word: string, next = ""): boolean => FOR.test(word) && /^\d/.test(next);

const startsWith = (words: readonly string[], at: number, phrase: readonly string[]): boolean =>
  phrase.every((word, i) => words[at + i]?.toLowerCase() === word);

/** `2 hours` → `2h`; any other word as it is. */
function numberAt(words: readonly string[], at: number): [time: string, count: number] {
  const [word = "", unit = ""] = words.slice(at, at + 2);
  if (NUMBER.test(word) && HOURS.test(unit)) return [`${word}h`, 2];
  if (NUMBER.test(word) && MINUTES.test(unit)) return [`${word}m`, 2];
  return [word, 1];
}

/** `1h`, `and`, `30m` → `1h30m`. */
function addMinutes(before: string[], word: string): string[] {
  const isAnd = before.at(-1)?.toLowerCase() === "and";
  const hours = before.at(isAnd ? -2 : -1) ?? "";
  if (!WITH_MINUTES.test(word) || !WITH_HOURS.test(hours)) return [...before, word];
  return [...before.slice(0, isAnd ? -2 : -1), `${hours}${word}`];
}
