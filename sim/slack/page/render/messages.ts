import { drawBlocks } from "./blocks.ts";
import { formatDate } from "./dates.ts";
import { emoji } from "./emoji.ts";
import { attribute, type Html, html } from "./html.ts";
import { icon } from "./icons.ts";
import { type Json, listOf, stringOf } from "./json.ts";
import { mrkdwn } from "./mrkdwn.ts";
import { userName, type Viewer } from "./viewer.ts";

/** A message as the workspace keeps it; a picture may do with less. `ts` is Slack's: unix seconds with a fraction. */
export interface Message {
  readonly ts?: string;
  readonly channel?: string;
  readonly user?: string;
  readonly text?: string;
  readonly blocks?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly files?: readonly unknown[];
  readonly thread_ts?: string;
  readonly subtype?: string;
  readonly edited?: unknown;
  readonly reactions?: readonly unknown[];
  /** Seen by one person alone. */
  readonly ephemeral?: boolean;
  readonly kind?: string;
}

/** One element of a list, which stays the same element as long as its key does. */
export interface Piece {
  readonly key: string;
  readonly html: Html;
}

/** What was drawn of a message, and all that it depends on besides the message itself. */
interface Memory {
  readonly of: readonly unknown[];
  readonly html: Html;
}

/** For a page that draws the same messages again and again; a message that changes is another object. */
export type Memories = WeakMap<Message, Memory>;

interface Drawn {
  readonly viewer: Viewer;
  /** Replies by the `ts` of their parent; none are mentioned when left out, as in the thread itself. */
  readonly replies?: ReadonlyMap<string, readonly Message[]>;
  /** A thread begins without a line that says on what day. */
  readonly isThread?: boolean;
  /** What can be done with any message that everybody sees. */
  readonly menu?: Html;
  readonly memories?: Memories;
}

/** Messages of one author within this many seconds stand under one name. */
const TOGETHER = 300;

/** Messages, oldest first, with a line between days. */
export function drawMessages(messages: readonly Message[], drawn: Drawn): Html {
  return html`${messagePieces(messages, drawn).map((piece) => piece.html)}`;
}

/** The same, piece by piece. */
export function messagePieces(messages: readonly Message[], drawn: Drawn): Piece[] {
  let dayBefore: string | undefined;
  return messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const day = dayOf(message, drawn.viewer);
    const isFirst = before === undefined && drawn.isThread;
    const isNewDay = !isFirst && day !== undefined && day !== dayBefore;
    dayBefore = day;
    const said = remembered(message, drawn, !isNewDay && continues(message, before));
    const own = { key: `message ${message.ts}`, html: said };
    if (!isNewDay) return [own];
    return [{ key: `day ${message.ts}`, html: html`<div class="day"><span>${day}</span></div>` }, own];
  });
}

function remembered(message: Message, drawn: Drawn, isContinued: boolean): Html {
  const { viewer, menu, memories, replies } = drawn;
  const answers = replies?.get(message.ts ?? "");
  const of = [isContinued, viewer.me, viewer.users, viewer.channels, menu, answers?.length, answers?.at(-1)];
  const known = memories?.get(message);
  if (known?.of.every((one, index) => one === of[index])) return known.html;
  const drawing = drawMessage(message, drawn, isContinued);
  memories?.set(message, { of, html: drawing });
  return drawing;
}

function unixOf({ ts }: Message): number {
  return Number(ts ?? Number.NaN);
}

function dayOf(message: Message, viewer: Viewer): string | undefined {
  const unix = unixOf(message);
  if (Number.isNaN(unix)) return undefined;
  const day = formatDate(unix, "{day_divider_pretty}", viewer);
  return day.charAt(0).toUpperCase() + day.slice(1);
}

function continues(message: Message, before: Message | undefined): boolean {
  if (before === undefined || before.user !== message.user || before.ephemeral || message.ephemeral)
    return false;
  return message.subtype === undefined && unixOf(message) - unixOf(before) < TOGETHER;
}

function drawMessage(message: Message, drawn: Drawn, isContinued: boolean): Html {
  const { ts, channel, ephemeral, subtype } = message;
  const kinds = ["message", ephemeral && "ephemeral", isContinued && "continued", subtype]
    .filter(Boolean)
    .join(" ");
  const about = html`${attribute("data-ts", ts)}${attribute("data-channel", channel)}${attribute("data-ephemeral", ephemeral === true)}`;
  return html`<article class="${kinds}"${about}>
    ${gutter(message, drawn.viewer, isContinued)}
    <div class="content">
      ${ephemeral && html`<p class="only">${icon("eye")} Only visible to you</p>`}
      ${!isContinued && author(message, drawn.viewer)}
      ${body(message, drawn.viewer)}
      ${reactions(message)}
      ${thread(message, drawn)}
    </div>
    ${!ephemeral && drawn.menu}
  </article>`;
}

function gutter(message: Message, viewer: Viewer, isContinued: boolean): Html {
  if (isContinued) return html`<span class="gutter"><span class="at">${clock(message, viewer)}</span></span>`;
  return html`<span class="gutter">${avatar(authorOf(message, viewer))}</span>`;
}

interface Author {
  id: string;
  name: string;
  isBot: boolean;
}

/** An ephemeral message's `user` is who sees it; whoever speaks is the app, or Slack about the app. */
function authorOf({ user = "", ephemeral, kind }: Message, viewer: Viewer): Author {
  const bot = viewer.users.find(({ isBot }) => isBot);
  if (!ephemeral)
    return {
      id: user,
      name: userName(viewer, user),
      isBot: viewer.users.some(({ id, isBot }) => id === user && isBot),
    };
  if (kind === "operation_timeout" || kind === "dispatch_failed" || kind === "invalid_command")
    return { id: "USLACKBOT", name: "Slackbot", isBot: true };
  return { id: bot?.id ?? "", name: bot?.name ?? "app", isBot: true };
}

/** A coloured square with a letter; the same person always has the same colour. */
export function avatar({ id, name, isBot }: { id: string; name: string; isBot?: boolean }): Html {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const kind = isBot ? "avatar app" : "avatar";
  return html`<span class="${kind}" style="--hue:${hue}" aria-hidden="true">${(name || "?").charAt(0).toUpperCase()}</span>`;
}

function clock(message: Message, viewer: Viewer): string {
  const unix = unixOf(message);
  return Number.isNaN(unix) ? "" : formatDate(unix, "{time}", viewer);
}

function author(message: Message, viewer: Viewer): Html {
  const { name, isBot } = authorOf(message, viewer);
  return html`<p class="author"><b>${name}</b>${isBot && html`<span class="badge">APP</span>`}<span class="at">${clock(message, viewer)}</span></p>`;
}

function body(message: Message, viewer: Viewer): Html {
  const { blocks = [], text = "", attachments, files, edited } = message;
  const content =
    blocks.length > 0
      ? drawBlocks(blocks, { viewer })
      : html`<div class="text">${mrkdwn(text, viewer)}</div>`;
  const isEditedText = edited !== undefined && blocks.length === 0;
  return html`${content}${isEditedText && html`<small class="edited">(edited)</small>`}${listOf(attachments).map((one) => attachment(one, viewer))}${listOf(files).map(file)}`;
}

/** The old kind of attachment, as unfurled links still are. */
function attachment({ title, text, fallback, blocks }: Json, viewer: Viewer): Html {
  const heading = title !== undefined && html`<b>${stringOf(title)}</b>`;
  const old = html`${heading}<div class="text">${mrkdwn(stringOf(text) || stringOf(fallback), viewer)}</div>`;
  return html`<div class="attachment">${blocks === undefined ? old : drawBlocks(blocks, { viewer })}</div>`;
}

/** A file that was shared: pictures and videos are seen, anything else is named. They come from this machine. */
function file({ title, mimetype, url_private: url }: Json): Html {
  const [kind] = stringOf(mimetype).split("/");
  const [name, source] = [stringOf(title), stringOf(url)];
  const shown =
    kind === "image"
      ? html`<img src="${source}" alt="${name}">`
      : kind === "video"
        ? html`<video src="${source}" controls></video>`
        : html`<a href="${source}">${name}</a>`;
  return html`<figure class="file"><figcaption>${name}</figcaption>${shown}</figure>`;
}

function reactions({ reactions: all }: Message): Html {
  const drawn = listOf(all).map(
    ({ name, users }) =>
      html`<span class="reaction">${emoji(stringOf(name))} ${Array.isArray(users) ? users.length : 1}</span>`,
  );
  return html`${drawn.length > 0 && html`<div class="reactions">${drawn}</div>`}`;
}

function thread(message: Message, { viewer, replies }: Drawn): Html {
  const answers = replies?.get(message.ts ?? "") ?? [];
  const last = answers.at(-1);
  if (last === undefined) return html``;
  const faces = [
    ...new Map(answers.map((one) => [authorOf(one, viewer).id, authorOf(one, viewer)])).values(),
  ];
  const count = answers.length === 1 ? "1 reply" : `${answers.length} replies`;
  const when = formatDate(unixOf(last), "{day_divider_pretty} at {time}", viewer);
  return html`<button type="button" class="replies" data-thread="${message.ts}">
    ${faces.slice(0, 3).map(avatar)}<b>${count}</b><span class="at">Last reply ${when}</span>
  </button>`;
}
