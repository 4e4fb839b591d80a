/** Quotes in a typed line: which opens a piece, and where that one ends. Each closes with its own kind. */

/** What closes each. */
export const DOUBLE_QUOTES = new Map([
  ['"', '"'],
  ["“", "”"],
  ["”", "”"],
  ["„", "“”"],
  ["«", "»"],
  ["»", "«»"],
]);
const CURLY = "“”„«»";
const SINGLE = new Map([
  ["'", "'"],
  ["‘", "’"],
  ["’", "’"],
  ["‚", "‘’"],
]);

/** Where the double quote at `start` is closed; -1: it's left open. */
export function closingDouble(text: string, start: number): number {
  const mark = text.charAt(start);
  const closing = DOUBLE_QUOTES.get(mark) ?? "";
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const each = text.charAt(at);
    if (each === "\\") at++;
    else if (closing.includes(each)) {
      if (depth === 0) return at;
      depth--;
    } else if (each === mark) depth++;
  }
  return closingOther(text, start, mark);
}

/** A keyboard may change one of the two and not the other: the only other quote is meant as its end. */
function closingOther(text: string, start: number, mark: string): number {
  const others = mark === '"' ? CURLY : `"${CURLY}`;
  const found: number[] = [];
  for (let at = start + 1; at < text.length; at++) {
    if (text.charAt(at) === "\\") at++;
    else if (others.includes(text.charAt(at))) found.push(at);
  }
  const [only = -1, more] = found;
  return more === undefined ? only : -1;
}

/**
 * Where the single quote at `start`, in front of a word, is closed behind a word; -1: it's an apostrophe. `apostrophes`
 * holds the marks that nothing closed from an earlier place on, so that a text of many is looked through once.
 */
export function closingSingle(text: string, start: number, apostrophes: Set<string>): number {
  const mark = text.charAt(start);
  const closing = SINGLE.get(mark);
  if (closing === undefined || apostrophes.has(mark) || !/^[\s=,]?$/.test(text.charAt(start - 1))) return -1;
  for (let at = start + 1; at < text.length; at++) {
    const each = text.charAt(at);
    if (each === "\\") at++;
    else if (closing.includes(each) && /^[\s,]?$/.test(text.charAt(at + 1))) return at;
  }
  apostrophes.add(mark);
  return -1;
}

/** What stands in quotes, without the backslashes in front of quotes. */
export const unquoted = (text: string): string => text.replace(/\\(["'\\“”„«»‘’‚])/g, "$1");
