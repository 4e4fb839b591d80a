import type { Channel, User } from "../directory.ts";
import { elementsOf, type Placed } from "../elements.ts";
import { defined, objectsOf } from "../json.ts";
import { presentMessage } from "../present.ts";
import type { Source } from "../response-urls.ts";
import type { Block, EphemeralMessage, Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";

/** A message that a person looks at, as it is now. */
export interface Seen {
  readonly message: SlackMessage | EphemeralMessage;
  readonly channel: Channel;
}

/** @throws Error when it is gone, or when this person cannot see it */
export function seen(
  { directory, messages }: World,
  user: User,
  shown: SlackMessage | EphemeralMessage,
): Seen {
  const { ts, channel: channelId = "" } = shown;
  const message = "ephemeral" in shown ? messages.findEphemeral(ts) : messages.find(channelId, ts);
  if (message === undefined) throw new Error(`the message ${ts} is gone`);
  const channel = directory.channelById(message.channel);
  if (channel === undefined) throw new Error(`the message ${ts} is in no channel`);
  const visible = "ephemeral" in message ? message.user === user.id : directory.canSee(user.id, channel);
  if (!visible) throw new Error(`${user.name} cannot see the message ${ts} in ${channel.name}`);
  return { message, channel };
}

/** The element with this action_id. @throws Error when there is none, or several and no blockId */
export function elementIn(blocks: readonly Block[], actionId: string, blockId: string | undefined): Placed {
  const all = elementsOf(blocks);
  const found = all.filter(
    ({ element, block }) =>
      element.action_id === actionId && (blockId === undefined || block.block_id === blockId),
  );
  const [first] = found;
  if (first === undefined) {
    const names = all.map(({ element }) => String(element.action_id)).join(", ") || "none";
    throw new Error(`there is no element ${actionId}${blockId ? ` in ${blockId}` : ""}; there are: ${names}`);
  }
  if (found.length > 1) throw new Error(`${actionId} is in ${found.length} blocks: give a blockId`);
  return first;
}

/** The response_url's source for something done with this message. */
export function sourceOf(user: User, { message, channel }: Seen): Source {
  const source = { ts: message.ts, ephemeral: "ephemeral" in message };
  return { userId: user.id, channelId: channel.id, message: source };
}

/** All blocks that a message shows: its own, and those of its attachments, such as unfurled links. */
export function blocksIn({ message }: Seen): Block[] {
  return [...message.blocks, ...objectsOf(message.attachments).flatMap(({ blocks }) => objectsOf(blocks))];
}

/** The unfurled link in which an element is, if it is in one. */
function unfurlAround({ message }: Seen, { block }: Placed): Json | undefined {
  return objectsOf(message.attachments).find(
    ({ blocks, is_app_unfurl: isUnfurl }) =>
      isUnfurl === true && objectsOf(blocks).some((one) => one === block),
  );
}

/** `message` in a payload; of ephemeral ones Slack sends no more than a stub. */
export function messageField({ messages, settings }: World, { message }: Seen): Json {
  if (!("ephemeral" in message)) return presentMessage(messages, message, true);
  const { ts } = message;
  return {
    type: "message",
    ts,
    user: settings.app.botUserId,
    bot_id: settings.app.botId,
    app_id: settings.app.appId,
  };
}

/** `container` of a payload about an element, wherever it is; without one, of the message itself. */
export function containerField(target: Seen, placed?: Placed): Json {
  const { message, channel } = target;
  const base = { message_ts: message.ts, channel_id: channel.id, is_ephemeral: "ephemeral" in message };
  const around = { ...base, ...defined({ thread_ts: message.thread_ts }) };
  const unfurl = placed && unfurlAround(target, placed);
  if (unfurl === undefined) return { type: "message", ...around };
  const { id, app_unfurl_url } = unfurl;
  return { type: "message_attachment", ...around, attachment_id: id, is_app_unfurl: true, app_unfurl_url };
}

/** Beside the container, for what is pressed in an unfurled link. */
export function unfurlField(target: Seen, placed: Placed): { app_unfurl?: Json } {
  return defined({ app_unfurl: structuredClone(unfurlAround(target, placed)) });
}
