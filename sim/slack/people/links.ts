import type { User } from "../directory.ts";
import { defined } from "../json.ts";
import type { Delivery, Draft, SlackMessage } from "../types.ts";
import { linksIn } from "../unfurls.ts";
import type { World } from "../world.ts";
import { sendEvent } from "./events.ts";
import { refuseSilent, type Said } from "./said.ts";

/** Tells the app of its links in a message; undefined if there are none. */
export async function shareLinks(
  world: World,
  user: User,
  message: SlackMessage,
): Promise<Delivery | undefined> {
  const links = linksIn(world, message.text.replaceAll("&amp;", "&"));
  if (links.length === 0) return undefined;
  const channel = world.directory.channelById(message.channel);
  const id = `${message.channel}.${message.ts}.${world.ids.secret()}`;
  world.shared.set(id, { source: "conversations_history", message });
  return sendEvent(world, {
    type: "link_shared",
    channel: message.channel,
    is_bot_user_member: channel !== undefined && world.directory.isBotIn(channel),
    user: user.id,
    message_ts: message.ts,
    ...defined({ thread_ts: message.thread_ts }),
    unfurl_id: id,
    source: "conversations_history",
    links,
  });
}

/**
 * A person writes a link and has not sent it yet. The app is told then, too, but of neither the channel nor a `ts`
 * that it could use: its preview goes by `unfurl_id` and `source` alone.
 */
export async function compose(
  world: World,
  { user, channel, text }: Said,
): Promise<Delivery & { draft: Draft }> {
  refuseSilent(user, channel);
  const links = linksIn(world, text);
  if (links.length === 0) throw new Error(`no link of the app's domains is in: ${text}`);
  const draft: Draft = { user: user.id, channel: channel.id, text, previews: [] };
  const id = `${user.id}-${world.ids.secret()}`;
  world.shared.set(id, { source: "composer", draft });
  const told = await sendEvent(world, {
    type: "link_shared",
    channel: "COMPOSER",
    is_bot_user_member: true,
    user: user.id,
    message_ts: id,
    unfurl_id: id,
    source: "composer",
    links,
  });
  return { ...told, draft };
}
