/** Words as they were meant where they are names, ids, numbers or addresses; text to be read by Arga is left as it is. */

/** What nobody sees: soft hyphens, marks of direction, joiners. */
const UNSEEN = /[\p{Cf}\p{DI}]/gu;
/** Marks of formatting, which are in no name. */
const MARKS = "`*~";
const STOPS = ".,;:…";
const PAIRS = new Set(["()", "[]", "{}", "<>", "__", '""', "''", "“”", "„“", "„”", "‘’", "‚‘", "«»"]);
const ADDRESS = /^[^\p{L}\p{N}]{0,9}https?:\/\//iu;

/** Letters and digits of full width as the usual ones, and nothing that can't be seen. */
export function folded(word: string): string {
  const seen = word.replace(UNSEEN, "");
  const usual = seen.normalize("NFKC").replace(/[、،]/g, ",");
  // What isn't plain after that, such as a branch with an umlaut, is another name if it's written otherwise.
  return /^[\x20-\x7e]*$/.test(usual) ? usual : seen;
}

/** A name, an id, a number or an address without what stands around it. In quotes, several words stay as they are. */
export function plainWord(word: string): string {
  if (/\s/.test(word)) return word;
  if (ADDRESS.test(word)) return plainAddress(word);
  return bare(folded(word)).split(",").map(bare).join(",");
}

/** A full address without the formatting and punctuation around it; any other word as it is. */
export function plainAddress(word: string): string {
  if (!ADDRESS.test(word)) return word;
  const seen = word.replace(/(?![\u200c\u200d])\p{Cf}/gu, "");
  const start = seen.search(/https?:\/\//i);
  const opened = new Set(seen.slice(0, start));
  const all = seen.slice(start);
  return all.slice(0, endOf(all, opened));
}

const CLOSING = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/** Where an address ends: a bracket that it opened itself belongs to it. */
function endOf(address: string, opened: ReadonlySet<string>): number {
  const open = new Map(
    [...CLOSING].map(([close, mark]) => [close, count(address, close) - count(address, mark)]),
  );
  for (let end = address.length; ; end--) {
    const last = address.charAt(end - 1);
    const unopened = open.get(last) ?? 0;
    const isAround =
      STOPS.includes(last) ||
      '?!`*"”“»>'.includes(last) ||
      unopened > 0 ||
      (opened.has(last) && "_~'’".includes(last));
    if (!isAround) return end;
    if (unopened > 0) open.set(last, unopened - 1);
  }
}

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Without marks, pairs around it and stops behind it, unless nothing would be left. */
function bare(word: string): string {
  let [start, end] = [0, word.length];
  while (start < end) {
    const [first, last] = [word.charAt(start), word.charAt(end - 1)];
    if (MARKS.includes(first)) start++;
    else if (MARKS.includes(last) || STOPS.includes(last)) end--;
    else if (end - start > 1 && PAIRS.has(first + last)) [start, end] = [start + 1, end - 1];
    else break;
  }
  return start < end ? word.slice(start, end) : word;
}
