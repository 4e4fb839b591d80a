import type { Channel, User } from "../directory.ts";
import { defined } from "../json.ts";
import { threadOf } from "../posting.ts";
import type { Delivery, Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { undelivered } from "./deliver.ts";
import { markedUp } from "./escape.ts";
import { sendEvent } from "./events.ts";

export interface Said {
  readonly user: User;
  readonly channel: Channel;
  readonly text: string;
  readonly threadTs?: string;
}

/** A person mentions the bot. Where it is no member, Slack offers to invite it and tells the app nothing. */
export async function mention(world: World, said: Said): Promise<Delivery> {
  const message = write(world, { ...said, text: `@${world.directory.bot.name} ${said.text}` });
  if (!world.directory.isBotIn(said.channel)) return undelivered();
  return sendEvent(world, { type: "app_mention", ...eventFields(world, message) });
}

/** A person writes to the bot directly. */
export async function directMessage(world: World, user: User, text: string): Promise<Delivery> {
  const channel = world.directory.openIm(user.id);
  return tellOfDirect(world, write(world, { user, channel, text }));
}

/**
 * A person writes into a channel. The app hears of it in its direct conversations, and elsewhere only when there is
 * a link of one of its domains in it: it has subscribed to `message.im` and `link_shared`, not to `message.channels`.
 */
export async function postAsUser(world: World, said: Said): Promise<Delivery & { message: SlackMessage }> {
  const message = write(world, said);
  const links = linksIn(world, said.text);
  const shared = links.length === 0 ? undefined : await shareLinks(world, said, message, links);
  const direct = said.channel.kind === "im" ? await tellOfDirect(world, message) : undefined;
  return { ...(direct ?? shared ?? undelivered()), message: structuredClone(message) };
}

function tellOfDirect(world: World, message: SlackMessage): Promise<Delivery> {
  return sendEvent(world, { type: "message", channel_type: "im", ...eventFields(world, message) });
}

/** @throws Error when this person cannot write there */
function write(world: World, { user, channel, text, threadTs }: Said): SlackMessage {
  if (!channel.members.has(user.id)) throw new Error(`${user.name} is not in ${channel.name}`);
  if (channel.archived) throw new Error(`${channel.name} is archived: nobody can write there`);
  const thread = threadOf(world, channel, threadTs);
  const draft = { channel: channel.id, user: user.id, text: markedUp(world.directory, text), blocks: [] };
  return world.messages.post({ ...draft, ...defined({ threadTs: thread }) });
}

function eventFields({ settings }: World, { user, text, ts, channel, thread_ts }: SlackMessage): Json {
  return { user, text, ts, channel, team: settings.team.id, event_ts: ts, ...defined({ thread_ts }) };
}

function linksIn({ settings }: World, text: string): Json[] {
  const urls = text.match(/https?:\/\/[^\s<>|]+/g) ?? [];
  return urls.flatMap((url) => {
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    const domain = settings.unfurlDomains.find((one) => host === one || host.endsWith(`.${one}`));
    return domain === undefined ? [] : [{ domain, url }];
  });
}

function shareLinks(
  world: World,
  { user, channel }: Said,
  message: SlackMessage,
  links: Json[],
): Promise<Delivery> {
  return sendEvent(world, {
    type: "link_shared",
    channel: channel.id,
    is_bot_user_member: world.directory.isBotIn(channel),
    user: user.id,
    message_ts: message.ts,
    ...defined({ thread_ts: message.thread_ts }),
    unfurl_id: `C${channel.id}.${message.ts}`,
    source: "conversations_history",
    links,
  });
}

/** A person opens the app's Home tab. */
export function openHome(world: World, user: User): Promise<Delivery> {
  const channel = world.directory.openIm(user.id);
  const view = world.modals.home(user.id)?.view;
  const last = defined({ view: structuredClone(view) });
  return sendEvent(world, {
    type: "app_home_opened",
    user: user.id,
    channel: channel.id,
    tab: "home",
    ...last,
  });
}
