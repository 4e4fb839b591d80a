/** Slack's markup, undone: what a person sees is what they meant. */

/** A tag of Slack's, or one of its three entities. What else stands between `<` and `>` was typed. */
const MARKUP = /<([^<>]+)>|&(lt|gt|amp);/g;
const OURS = /^(?:[@#][A-Z0-9]{2,}|!(?:here|channel|everyone|subteam\^|date\^)|[a-z][a-z0-9+.-]*:)/i;

/** The text as a person sees it: links, addresses of mail, telephone numbers, people and channels by their labels. */
export const asSeen = (text: string): string =>
  text.replace(MARKUP, (all: string, tag?: string) => {
    if (tag === undefined) return unescaped(all);
    return OURS.test(tag) ? tagAsSeen(tag) : all;
  });

/** The addresses behind what Slack took for links by itself, such as `http://shop.example` behind `shop.example`. */
export function linksIn(text: string): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const [, tag = ""] of text.matchAll(MARKUP)) {
    const { target, label } = partsOf(tag);
    if (isTakenForLink(target, label)) links.set(label, target);
  }
  return links;
}

/** Slack ids of those who are mentioned, each once. */
export const peopleIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/<@([UW][A-Z0-9_-]{1,30})(?:\|[^<>]*)?>/g)].map(([, id = ""]) => id)),
];

function partsOf(tag: string): { target: string; label: string } {
  const [target = "", ...label] = tag.split("|");
  return { target: unescaped(target), label: unescaped(label.join("|")) };
}

/** A person without a name in the tag stays unnamed: an id says nothing to whoever reads it. */
function tagAsSeen(tag: string): string {
  const { target, label } = partsOf(tag);
  if (target.startsWith("@")) return `@${label.replace(/^@/, "") || "someone"}`;
  if (target.startsWith("#")) return `#${label.replace(/^#/, "") || "channel"}`;
  if (target.startsWith("!")) return label || `@${target.slice(1).split("^")[0]}`;
  if (/^(?:mailto|tel):/i.test(target)) return label || target.replace(/^\w+:/, "");
  // Behind words of a person's own, the address is what matters.
  return isTakenForLink(target, label) ? label : target;
}

/** Slack takes `main.py` for a page: nobody typed the `http://` in front. */
const isTakenForLink = (target: string, label: string): boolean =>
  label !== "" &&
  target.replace(/\/$/, "").toLowerCase() === `http://${label}`.replace(/\/$/, "").toLowerCase();

/** Slack sends `&`, `<` and `>` as entities. */
export const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
