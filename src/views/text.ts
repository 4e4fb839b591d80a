import type { ContextBlock, PlainTextElement, SectionBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";

/**
 * Text that goes to Slack. Whatever a person or Arga wrote passes {@link safe}, or stands in `plain_text`: it can
 * then neither ping, nor link, nor break the layout (docs/references/slack.md#text-and-escaping).
 */

/** Foreign text inside our own mrkdwn: one line, no entities, no formatting. */
export const safe = (text: string, limit = 300): string =>
  entities(
    cut(
      wellFormed(near(text, limit))
        .replace(/[*~`]/g, "")
        // Inside a word an underscore formats nothing, and twins are named with them.
        .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "")
        .replace(/\s+/g, " ")
        // A bare @channel is turned into a ping by Slack's own parsing; a joiner takes it apart.
        .replace(/@(?=channel|here|everyone)/gi, "@\u2060")
        .trim(),
      limit,
    ),
  );

/** Without halves of characters, what controls a terminal, and marks that would turn the rest of our line around. */
export const wellFormed = (text: string): string =>
  text
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/(?![\n\r\t])\p{Cc}|\p{Cs}/gu, "");

/** As much of a text as can matter to its first `limit` characters: the rest is cut before it is looked at. */
const near = (text: string, limit: number): string => text.slice(0, 4 * limit + 1_000);

const entities = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Cuts at a number of UTF-16 units, never inside a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Cuts our own mrkdwn, never inside an entity, a link, a date or code. */
export function cutMarkup(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (const [piece] of text.matchAll(/<[^<>]*>|&\w+;|`[^`]*`|[\s\S]/gu)) {
    if (end + piece.length > limit - 1) break;
    end += piece.length;
  }
  return `${text.slice(0, end)}…`;
}

/** Foreign text as code, where formatting means nothing. */
export const code = (text: string, limit = 400): string =>
  `\`${
    entities(
      cut(
        wellFormed(near(text, limit))
          .replace(/[`\s]+/g, " ")
          .trim(),
        limit,
      ),
    ) || " "
  }\``;

/** Our own mrkdwn, with foreign parts already {@link safe}. `verbatim`: Slack links and pings nothing by itself. */
export const section = (mrkdwn: string): SectionBlock => ({
  type: "section",
  text: { type: "mrkdwn", text: cutMarkup(mrkdwn, LIMITS.sectionText), verbatim: true },
});

/** Foreign text in full size, as it is. */
export const words = (text: string): SectionBlock => ({
  type: "section",
  text: plain(text.trim(), LIMITS.sectionText),
});

export const note = (mrkdwn: string): ContextBlock => ({
  type: "context",
  elements: [{ type: "mrkdwn", text: cutMarkup(mrkdwn, LIMITS.contextText), verbatim: true }],
});

/** Foreign text as it is. */
export const quote = (text: string): ContextBlock => ({
  type: "context",
  elements: [plain(text, LIMITS.contextText)],
});

export const plain = (text: string, limit: number): PlainTextElement => ({
  type: "plain_text",
  text: cut(wellFormed(near(text, limit)), limit) || " ",
  emoji: false,
});

export const mention = (user: string): string => `<@${user.replace(/[^\w]/g, "")}>`;

/** A moment in the reader's own time zone; `at` in ms since the epoch. */
export function time(at: number, tokens = "{date_short_pretty} {time}"): string {
  const unix = Math.round(at / 1000);
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `<!date^${unix}^${tokens}|${fallback}>`;
}

/** A link with our own or foreign words; nothing but http(s) is linked. */
export function link(url: string, label: string): string {
  const words = safe(label, 100).replaceAll("|", "/");
  if (!URL.canParse(url)) return words;
  const { href, protocol, host } = new URL(url);
  const clean = href.replace(/[|<>`\s]/g, encodeURIComponent).replaceAll("&", "&amp;");
  const isWeb = (protocol === "https:" || protocol === "http:") && clean.length <= LIMITS.url;
  return isWeb ? `<${clean}|${words || host}>` : words;
}

/** `1 sandbox`, `2 sandboxes`: the noun for that many. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? noun : plural(noun)}`;

/** Of what stands in `kinds/` as `noun`, and of our own words. */
export const plural = (noun: string): string => `${noun}${/(?:s|x|ch|sh)$/.test(noun) ? "es" : "s"}`;

/** The first word of a sentence. */
export const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
