/** Backslashes that one character may have in front: JSON in JSON doubles them. Bounded, or a run of them costs its square. */
const SLASHES = "\\\\{0,8}";
const UNICODE_SLASHES = "\\\\{1,8}u";

/**
 * A pattern of the text as it is, and of the forms that JSON has for the same: `\/` and `\u0061`. Slashes before the first
 * character aren't part of it: whatever is looked for begins in one place only, which keeps it linear.
 */
const written = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `${at === 0 ? "" : SLASHES}${unit(text, at)}`).join("");

function unit(text: string, at: number): string {
  const hex = text.charCodeAt(at).toString(16).padStart(4, "0");
  return `(?:\\u${hex}|u${hex})`;
}

const ANY_KEY = new RegExp(`${written("arga_sk_")}(?:[\\w-]|${UNICODE_SLASHES}[\\da-f]{4})+`, "gi");

/**
 * Takes a key, and whatever else looks like one of Arga's, out of texts: a server, or a proxy before it, may repeat
 * what it was sent, and escape it on the way. Give it the whole text: of half a key it knows nothing.
 */
export function withoutKey(key: string): (text: string) => string {
  if (key === "") return (text) => text.replaceAll(ANY_KEY, "arga_sk_…");
  const own = new RegExp(written(key), "gi");
  return (text) => text.replaceAll(own, "…").replaceAll(ANY_KEY, "arga_sk_…");
}
