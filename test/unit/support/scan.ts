import { CONTROLS } from "../../../src/runs/controls.ts";
import type { Content } from "../../../src/views/card.ts";

/**
 * Finds what foreign text could have smuggled into a message: pings, links, entities, broken layout. Strict: only
 * the markup that our own views write is let through, in the form in which they write it.
 */

export interface Allowed {
  /** User ids that may be mentioned. */
  mentions?: readonly string[];
  /** Ids of channels that may be named. */
  channels?: readonly string[];
  /** Hosts that may be linked, besides Arga's. */
  hosts?: readonly string[];
}

const DATE = /^<!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>$/;
const CHANNEL = /^<#(\w+)>$/;
const MENTION = /^<@(\w+)>$/;
const LINK = /^<(https?:\/\/[^\s|<>]+)\|([^|<>]*)>$/;
const TOKEN = /<[^<>]*>/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** Marks that turn the direction of everything that follows on the line. */
const TURNS_THE_LINE = /[\u202a-\u202e\u2066-\u2069]/;

/** What is wrong in a message as a whole: its `text` and every mrkdwn text in its blocks. */
export function smuggled(content: Content, allowed: Allowed = {}): string[] {
  return [
    ...inMrkdwn(content.text, allowed).map((problem) => `text: ${problem}`),
    ...textObjects(content.blocks).flatMap((object) => inTextObject(object, allowed)),
  ];
}

interface TextObject {
  type: "mrkdwn" | "plain_text";
  text: string;
  verbatim?: unknown;
}

function inTextObject({ type, text, verbatim }: TextObject, allowed: Allowed): string[] {
  if (type === "plain_text") return isWhole(text) ? [] : ["half a character in plain_text"];
  return [...inMrkdwn(text, allowed), ...(verbatim === true ? [] : ["mrkdwn is not verbatim"])];
}

export function inMrkdwn(text: string, allowed: Allowed): string[] {
  const rest = text.replace(TOKEN, "");
  const outsideCode = rest.replace(/`[^`]*`/g, "");
  const wrong: [string, boolean][] = [
    ["an unescaped angle bracket", /[<>]/.test(rest)],
    ["an ampersand that is no entity", /&(?!(?:amp|lt|gt);)/.test(text)],
    ["a bare group mention", /@(?:channel|here|everyone)/i.test(outsideCode)],
    ["an odd number of backticks", (text.match(/`/g)?.length ?? 0) % 2 === 1],
    ["half a character", !isWhole(text)],
    ["a mark that turns the line around", TURNS_THE_LINE.test(text)],
  ];
  const tokens = [...text.matchAll(TOKEN)].flatMap(([token]) => inToken(token, allowed));
  return [...wrong.filter(([, is]) => is).map(([what]) => `${what} in ${clip(text)}`), ...tokens];
}

function inToken(token: string, { mentions = [], channels = [], hosts = [] }: Allowed): string[] {
  const user = MENTION.exec(token)?.[1];
  const channel = CHANNEL.exec(token)?.[1];
  if (channel !== undefined && channels.includes(channel)) return [];
  const [, url, label] = LINK.exec(token) ?? [];
  if (DATE.test(token) || (user !== undefined && mentions.includes(user))) return [];
  if (url === undefined) return [`markup of somebody else's: ${clip(token)}`];
  if (!label?.trim()) return [`a link without words: ${clip(token)}`];
  const host = URL.canParse(url) ? new URL(url).host : "";
  return ["app.argalabs.com", ...hosts].includes(host) ? [] : [`a link of somebody else's: ${clip(token)}`];
}

const clip = (text: string): string => JSON.stringify(text.length > 160 ? `…${text.slice(-160)}` : text);

/** Whether it holds no half of a character: Slack's client cannot send one, and Slack takes none. */
export const isWhole = (text: string): boolean => !LONE_SURROGATE.test(text);

/** Every text object in a piece of Block Kit, however deep. */
export function textObjects(piece: unknown): TextObject[] {
  if (typeof piece !== "object" || piece === null) return [];
  const inner = Object.values(piece).flatMap(textObjects);
  return isText(piece) ? [piece, ...inner] : inner;
}

const isText = (piece: object): piece is TextObject =>
  "type" in piece &&
  (piece.type === "mrkdwn" || piece.type === "plain_text") &&
  "text" in piece &&
  typeof piece.text === "string";

/** What presses of these blocks carry that is neither a number nor the name of a control. */
export function oddValues(blocks: unknown): string[] {
  const values = [...JSON.stringify(blocks).matchAll(/"value":"([^"]*)"/g)].map(([, value = ""]) => value);
  return values.filter((value) => !/^\d+$/.test(value) && !Object.hasOwn(CONTROLS, value));
}
