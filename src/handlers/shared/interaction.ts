import { createHash, randomUUID } from "node:crypto";
import type { SlashCommand } from "@slack/bolt";
import type { ReplyTo } from "../../runs/run.ts";
import type { Interaction } from "./context.ts";
import type { Ahead } from "./read-ahead.ts";

/** What each of Slack's payloads says of who asks, and where. */

export const commandInteraction = (command: SlashCommand, { settings }: Ahead = {}): Interaction => ({
  team: command.team_id,
  actor: {
    id: command.user_id,
    name: command.user_name ?? command.user_id,
    channel: command.channel_id,
  },
  reply: {
    user: command.user_id,
    channel: command.channel_id,
    url: command.response_url,
    at: Date.now(),
  },
  // Slack always gives a trigger; whoever speaks its language without one is heard all the same.
  key: keyOf(command.trigger_id || command.response_url || randomUUID()),
  trigger: command.trigger_id ?? "",
  hidden: isHidden(command.channel_id, command.channel_name),
  ...(settings ? { settings } : {}),
});

/** What is used of a payload of Slack's interactivity: `block_actions`, `view_submission`, a shortcut. */
export interface InteractivePayload {
  trigger_id?: string;
  response_url?: string;
  /** Of a form, in the channel that was chosen in it. */
  response_urls?: { channel_id: string; response_url: string }[];
  /** `team_id`: the person's own workspace; `team` is the one in which the app is installed. */
  user: { id: string; name?: string; username?: string; team_id?: string };
  team?: { id: string } | null;
  channel?: { id: string; name?: string };
  /** Where the button stood. */
  container?: { message_ts?: string; thread_ts?: string };
  /** Of `block_actions`; Slack sends one at a time. */
  actions?: { action_id?: string; action_ts?: string }[];
}

export function payloadInteraction(payload: InteractivePayload): Interaction {
  const { user, channel, container, trigger_id: trigger, actions: [action] = [] } = payload;
  const ts = container?.message_ts;
  return {
    team: payload.team?.id ?? user.team_id ?? "",
    actor: { id: user.id, name: user.username ?? user.name ?? user.id, channel: channel?.id ?? "" },
    reply: { user: user.id, ...replyPlace(payload), at: Date.now() },
    key: keyOf(trigger ?? `${user.id} ${action?.action_id} ${action?.action_ts}`),
    trigger: trigger ?? "",
    // Of a modal it is not known where its person is.
    hidden: isHidden(channel?.id ?? "", channel?.name),
    ...(channel && ts ? { pressedOn: { channel: channel.id, ts, threadTs: container?.thread_ts } } : {}),
  };
}

function replyPlace(payload: InteractivePayload): Pick<ReplyTo, "channel" | "url" | "threadTs"> {
  const { response_url: url, channel, container, response_urls: [chosen] = [] } = payload;
  if (chosen) return { channel: chosen.channel_id, url: chosen.response_url };
  const isInThread = container?.thread_ts !== undefined && container.thread_ts !== container.message_ts;
  return {
    channel: channel?.id ?? "",
    ...(url ? { url } : {}),
    ...(isInThread ? { threadTs: container.thread_ts } : {}),
  };
}

/** A message to the bot, and what Slack leaves out of it. */
interface Message {
  team: string;
  channel: string;
  ts: string;
  threadTs?: string | undefined;
  user: { id: string; name: string };
  hidden: boolean;
}

/** The key is the message's own: Slack repeats events, and one message may come as two of them. */
export function messageInteraction({ team, channel, ts, threadTs, user, hidden }: Message): Interaction {
  const thread = threadTs ? { threadTs } : {};
  return {
    team,
    actor: { ...user, channel },
    reply: { user: user.id, channel, ...thread, at: Date.now() },
    key: keyOf(`${channel} ${ts}`),
    trigger: "",
    hidden,
    ...thread,
  };
}

/**
 * Whether not everybody may see a conversation, as far as a payload tells: ids of direct messages begin with D, those of
 * older private channels and group messages with G, and Slack gives a name of its own to whatever else is private. What
 * isn't known to be public is hidden; whether it stays public is looked at later (`jobs/slack/place.ts`).
 */
const isHidden = (channel: string, name: string | undefined): boolean =>
  !channel.startsWith("C") || !name || PRIVATE_NAMES.has(name) || name.startsWith("mpdm-");

const PRIVATE_NAMES = new Set(["privategroup", "directmessage"]);

/** Short, and of no use to whoever reads it in a message's metadata. */
export const keyOf = (what: string): string =>
  createHash("sha256").update(what).digest("base64url").slice(0, 16);
