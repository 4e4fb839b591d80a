import type { Channel, User } from "../directory.ts";
import { defined } from "../json.ts";
import { threadOf } from "../posting.ts";
import type { Delivery, Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { undelivered } from "./deliver.ts";
import { markedUp } from "./escape.ts";
import { sendEvent } from "./events.ts";
import { shareLinks } from "./links.ts";
import { refuseSilent, type Said } from "./said.ts";

/**
 * A person mentions the bot. Where it is no member, Slack offers to invite it and tells the app nothing; in a direct
 * conversation with it, a mention is a message like any other.
 */
export async function mention(world: World, said: Said): Promise<Delivery> {
  const message = write(world, { ...said, text: `@${world.directory.bot.name} ${said.text}` });
  if (!world.directory.isBotIn(said.channel)) return undelivered();
  const [told] = await Promise.all([
    tellOfWords(world, said, message),
    shareLinks(world, said.user, message),
  ]);
  return told;
}

function tellOfWords(world: World, { channel }: Said, message: SlackMessage): Promise<Delivery> {
  if (channel.kind === "im") return tellOfDirect(world, message);
  return sendEvent(world, { type: "app_mention", ...eventFields(world, message) });
}

/** A person writes to the bot directly. */
export async function directMessage(world: World, user: User, text: string): Promise<Delivery> {
  const channel = world.directory.openIm(user.id);
  return tellOfDirect(world, write(world, { user, channel, text }));
}

/**
 * A person writes into a channel. The app hears of it in its direct conversations, and elsewhere only when it is
 * mentioned, or a link of one of its domains is in it: it has subscribed to `message.im`, `app_mention` and
 * `link_shared`, not to `message.channels`.
 */
export async function postAsUser(world: World, said: Said): Promise<Delivery & { message: SlackMessage }> {
  const message = write(world, said);
  const shared = await shareLinks(world, said.user, message);
  const words = isForApp(world, said, message) ? await tellOfWords(world, said, message) : undefined;
  return { ...(words ?? shared ?? undelivered()), message: structuredClone(message) };
}

function isForApp({ directory }: World, { channel }: Said, { text }: SlackMessage): boolean {
  if (channel.kind === "im") return true;
  return directory.isBotIn(channel) && text.includes(`<@${directory.bot.id}>`);
}

function tellOfDirect(world: World, message: SlackMessage): Promise<Delivery> {
  return sendEvent(world, { type: "message", channel_type: "im", ...eventFields(world, message) });
}

/** @throws Error when this person cannot write there */
function write(world: World, { user, channel, text, threadTs }: Said): SlackMessage {
  refuseSilent(user, channel);
  const thread = threadOf(world, channel, threadTs);
  const draft = { channel: channel.id, user: user.id, text: markedUp(world.directory, text), blocks: [] };
  return world.messages.post({ ...draft, ...defined({ threadTs: thread }) });
}

/** Of a mention Slack tells no `channel_type`: whether the channel is private is not in it. */
function eventFields(
  { settings, directory }: World,
  { user, text, ts, channel, thread_ts }: SlackMessage,
): Json {
  const home = directory.userById(user)?.home?.team ?? settings.team.id;
  const place = directory.channelById(channel);
  const from = place && directory.isShared(place) ? { user_team: home, source_team: home } : {};
  return { user, text, ts, channel, team: home, ...from, event_ts: ts, ...defined({ thread_ts }) };
}

/** A person opens one of the app's tabs; with Home comes what was published last. */
export function openApp(world: World, user: User, tab: "home" | "messages"): Promise<Delivery> {
  const channel = world.directory.openIm(user.id);
  const view = tab === "home" ? world.modals.home(user.id)?.view : undefined;
  const last = defined({ view: structuredClone(view) });
  return sendEvent(world, { type: "app_home_opened", user: user.id, channel: channel.id, tab, ...last });
}

/** One person brings another, or the bot, into a channel; all members that are apps hear of it. */
export async function invite(world: World, by: User, channel: Channel, who: User): Promise<Delivery> {
  refuseSilent(by, channel);
  if (channel.kind === "im") throw new Error("nobody can be invited into a direct conversation");
  if (channel.members.has(who.id)) throw new Error(`${who.name} is in ${channel.name} already`);
  return enter(world, channel, who, { inviter: by.id });
}

/** A person goes into a public channel by themselves. @throws Error when it is closed to them, or they are in it */
export async function join(world: World, who: User, channel: Channel): Promise<Delivery> {
  if (channel.kind !== "public") throw new Error(`${channel.name} is for those who were invited`);
  if (channel.archived) throw new Error(`${channel.name} is archived: nobody can join it`);
  if (channel.members.has(who.id)) throw new Error(`${who.name} is in ${channel.name} already`);
  return enter(world, channel, who, {});
}

async function enter(world: World, channel: Channel, who: User, by: { inviter?: string }): Promise<Delivery> {
  const joined = world.directory.join(channel, who.id);
  const text =
    by.inviter === undefined
      ? `<@${who.id}> has joined the channel`
      : `<@${who.id}> was added to #${channel.name} by <@${by.inviter}>.`;
  world.messages.post({ channel: channel.id, user: who.id, text, blocks: [], subtype: "channel_join" });
  if (!world.directory.isBotIn(joined)) return undelivered();
  return sendEvent(world, {
    type: "member_joined_channel",
    user: who.id,
    channel: channel.id,
    // Private channels, too, have a C since 2021.
    channel_type: "C",
    team: world.settings.team.id,
    ...by,
  });
}
