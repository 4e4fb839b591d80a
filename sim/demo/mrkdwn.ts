import { withEmoji } from "../slack/page/render/emoji.ts";
import type { Ink } from "./ink.ts";
import { unbroken } from "./screen.ts";

/** Who reads, and with what it is written for them. */
export interface Reader {
  ink: Ink;
  /** ms since the epoch. */
  now: number;
  /** The name of a user or channel id. */
  nameOf: (id: string) => string;
}

const PIECES = /<[^<>\n]+>|`[^`\n]+`|\*[^*\n]+\*|[^<`*]+|./gs;

/** Slack's mrkdwn as a person in a terminal reads it. */
export function mrkdwn(text: string, reader: Reader): string {
  return [...text.matchAll(PIECES)].map(([piece]) => pieceOf(piece, reader)).join("");
}

function pieceOf(piece: string, reader: Reader): string {
  const inner = piece.slice(1, -1);
  if (piece.length > 2 && piece.startsWith("<")) return token(inner, reader);
  if (piece.length > 2 && piece.startsWith("`")) return reader.ink.code(decoded(inner));
  if (piece.length > 2 && piece.startsWith("*")) return reader.ink.bold(plain(inner));
  return plain(piece);
}

/** What stands between `<` and `>`: a mention, a date, a link. */
function token(inner: string, reader: Reader): string {
  const [target = "", label] = inner.split("|");
  const { ink, nameOf } = reader;
  if (target.startsWith("@")) return ink.person(`@${nameOf(target.slice(1))}`);
  if (target.startsWith("#")) return ink.person(`#${nameOf(target.slice(1))}`);
  if (target.startsWith("!date^"))
    return ink.bold(unbroken(moment(Number(target.split("^")[1]) * 1000, reader.now)));
  if (target.startsWith("!")) return ink.danger(`@${target.slice(1)}`);
  const url = decoded(target);
  return label === undefined ? ink.link(url) : `${plain(label)} ${ink.link(url)}`;
}

/** Slack shows minutes; here they pass in half a second, so seconds are shown, and how far off it is. */
function moment(at: number, now: number): string {
  const time = new Date(at).toLocaleTimeString("en-GB");
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 1) return `${time} (now)`;
  return seconds > 0 ? `${time} (in ${seconds} s)` : `${time} (${-seconds} s ago)`;
}

const decoded = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replaceAll("\u2060", "");

/** The page draws most signs; this one it does not know. */
export const plain = (text: string): string => withEmoji(decoded(text).replaceAll(":black_circle:", "⚫"));
