import { type Html, html } from "./html.ts";
import { icon } from "./icons.ts";
import { avatar, type Memories, type Message, messagePieces, type Piece } from "./messages.ts";
import type { Named, Viewer } from "./viewer.ts";
import { drawHome, type View } from "./views.ts";

interface Channel extends Named {
  readonly kind: "public" | "private" | "im";
  readonly archived?: boolean;
  /** User ids. */
  readonly members: readonly string[];
}

/** All that one person sees of the workspace, as `/_sim/state` tells it. */
export interface Workspace {
  readonly team: { readonly id: string; readonly domain: string };
  readonly users: readonly Named[];
  readonly channels: readonly Channel[];
  /** By channel id, oldest first, replies too. */
  readonly messages: Readonly<Record<string, readonly Message[]>>;
  readonly ephemerals: readonly Message[];
  /** The topmost of the person's open modals. */
  readonly modal?: View;
  readonly home?: View;
}

/** Where in the workspace a person is: in a channel, perhaps with a thread beside it, or in the app's Home tab. */
export interface Where {
  readonly place: string;
  readonly thread?: string;
  /** The last `ts` that was seen, by channel. */
  readonly seen: Readonly<Record<string, string>>;
}

/** The `place` of the app's Home tab; no channel has this id. */
export const HOME = "home";

export function appOf({ users }: Workspace): Named {
  return users.find(({ isBot }) => isBot) ?? { id: "", name: "app", isBot: true };
}

function isReply({ ts, thread_ts, subtype }: Message): boolean {
  return thread_ts !== undefined && thread_ts !== ts && subtype !== "thread_broadcast";
}

/** All that is said in a channel, in order; messages come in order, and only those to oneself have to be put among them. */
function said(workspace: Workspace, channel: string): Message[] {
  const toMe = workspace.ephemerals.filter((message) => (message.channel ?? channel) === channel);
  const all = workspace.messages[channel] ?? [];
  if (toMe.length === 0) return [...all];
  return [...all, ...toMe].sort((one, other) => Number(one.ts) - Number(other.ts));
}

export function drawSidebar(workspace: Workspace, where: Where, me: string): Html {
  const channels = workspace.channels.filter(({ kind }) => kind !== "im");
  const people = workspace.users
    .filter(({ isBot }) => !isBot)
    .map(({ id, name }) => html`<option value="${id}"${id === me && html` selected`}>${name}</option>`);
  return html`<header><b>${workspace.team.domain}</b></header>
    <section><h2>Channels</h2>${channels.map((channel) => channelPlace(channel, workspace, where))}</section>
    <section><h2>Apps</h2>${appPlaces(workspace, where, me)}</section>
    <footer><label>You are <span class="select"><select id="me">${people}</select></span></label></footer>`;
}

function channelPlace(channel: Channel, workspace: Workspace, where: Where): Html {
  const sign = html`<span class="sign">${channel.kind === "private" ? icon("lock") : "#"}</span>`;
  return place(channel.id, html`${sign} ${channel.name}`, kindsOf(channel, workspace, where));
}

/** The app's Home tab, and the direct conversation with it; as long as that is empty, it has no id. */
function appPlaces(workspace: Workspace, where: Where, me: string): Html {
  const app = appOf(workspace);
  const label = (tab: string) => html`${avatar(app)} ${app.name} <small>${tab}</small>`;
  const direct = workspace.channels.find(({ kind, members }) => kind === "im" && members.includes(me));
  const home = place(HOME, label("Home"), where.place === HOME ? " here" : "");
  return html`${home}${place(direct?.id ?? "dm", label("Messages"), kindsOf(direct ?? { id: "dm" }, workspace, where))}`;
}

function place(id: string, label: Html, kinds: string): Html {
  return html`<button type="button" class="place${kinds}" data-place="${id}"${kinds === " here" && html` aria-current="page"`}>${label}</button>`;
}

function kindsOf({ id }: Pick<Channel, "id">, workspace: Workspace, where: Where): string {
  if (id === where.place) return " here";
  const seen = Number(where.seen[id] ?? 0);
  const isNews = (message: Message) =>
    message.channel === id && !isReply(message) && Number(message.ts) > seen;
  const isUnread = workspace.messages[id]?.findLast(isNews) ?? workspace.ephemerals.findLast(isNews);
  return isUnread ? " unread" : "";
}

/** The line above the messages. */
export function drawHead(workspace: Workspace, { place: id }: Where): Html {
  const app = appOf(workspace);
  const channel = workspace.channels.find((one) => one.id === id);
  if (id === HOME) return html`${avatar(app)} <b>${app.name}</b><span class="tab">Home</span>`;
  if (channel === undefined || channel.kind === "im")
    return html`${avatar(app)} <b>${app.name}</b><span class="tab">Messages</span>`;
  const members = channel.members.length;
  const notIn =
    !channel.members.includes(app.id) &&
    html`<span class="note">${app.name} is not in this channel <button type="button" class="link" data-invite>Invite it</button></span>`;
  const sign = channel.kind === "private" ? icon("lock") : "#";
  const archived = channel.archived && html`<span class="note">archived</span>`;
  const count = html`<span class="members">${icon("person")} ${members}</span>`;
  return html`<b>${sign} ${channel.name}</b>${archived}${notIn}${count}`;
}

/** What messages are drawn with besides what the viewer knows. */
export interface Means {
  readonly menu?: Html;
  readonly memories?: Memories;
}

/** What is said in the channel, or the Home tab. */
export function drawPlace(
  workspace: Workspace,
  where: Where,
  viewer: Viewer,
  means: Means = {},
): readonly Piece[] {
  if (where.place === HOME)
    return [{ key: HOME, html: drawHome(workspace.home, appOf(workspace).name, viewer) }];
  const all = said(workspace, where.place);
  const replies = grouped(all.filter((message) => isReply(message) && !message.ephemeral));
  const own = all.filter((message) => !isReply(message));
  if (own.length === 0) {
    const steps = !isOutside(workspace, where, viewer.me ?? "") && firstSteps(workspace, where);
    const nothing = html`<div class="nothing"><p>Nothing has been said here yet.</p>${steps}</div>`;
    return [{ key: "nothing", html: nothing }];
  }
  const shown = own.slice(-SHOWN);
  const pieces = messagePieces(shown, { viewer, replies, ...means });
  if (shown.length === own.length) return pieces;
  const earlier = html`<p class="earlier">${own.length - shown.length} earlier messages are not shown.</p>`;
  return [{ key: "earlier", html: earlier }, ...pieces];
}

/** What a page draws of a channel. */
const SHOWN = 200;

const IN_CHANNELS = [
  "/arga twins stripe 60",
  '/arga test https://shop.example.com "a guest can check out"',
  "/arga help",
];

/** What to try first where nothing was said. */
function firstSteps(workspace: Workspace, { place: id }: Where): Html {
  const app = appOf(workspace);
  const channel = workspace.channels.find((one) => one.id === id && one.kind !== "im");
  const inviting = channel && !channel.members.includes(app.id) ? [`/invite @${app.name}`] : [];
  const lines = channel ? [...inviting, ...IN_CHANNELS] : ["twins stripe 60", "list", "help"];
  const buttons = lines.map(
    (line) => html`<button type="button" class="button" data-try="${line}">${line}</button>`,
  );
  return html`<p>Try one of these:</p><div class="steps">${buttons}</div>`;
}

/** Whether this is a channel that the person looks into without being a member. */
export function isOutside({ channels }: Workspace, { place: id }: Where, me: string): boolean {
  const channel = channels.find((one) => one.id === id);
  return channel !== undefined && !channel.members.includes(me);
}

function grouped(replies: readonly Message[]): ReadonlyMap<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const reply of replies) {
    const { thread_ts = "" } = reply;
    const group = groups.get(thread_ts);
    if (group === undefined) groups.set(thread_ts, [reply]);
    else group.push(reply);
  }
  return groups;
}

/** The thread beside the channel; nothing when none is open. */
export function drawThread(
  workspace: Workspace,
  where: Where,
  viewer: Viewer,
  means: Means = {},
): readonly Piece[] | undefined {
  const drawn = { viewer, isThread: true, ...means };
  const all = said(workspace, where.place);
  const parent = all.find(({ ts }) => ts === where.thread);
  if (where.thread === undefined || parent === undefined) return undefined;
  const replies = all.filter((message) => isReply(message) && message.thread_ts === where.thread);
  if (replies.length === 0) return messagePieces([parent], drawn);
  const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  const count = { key: "count", html: html`<div class="day"><span>${words}</span></div>` };
  return [...messagePieces([parent], drawn), count, ...messagePieces(replies, drawn)];
}
