import { defined } from "./json.ts";
import type { Messages } from "./messages.ts";
import type { Json, SlackMessage } from "./types.ts";

/** A message as Slack's API and payloads give it. Of its metadata only the type is told, unless asked for. */
export function presentMessage(messages: Messages, message: SlackMessage, allMetadata: boolean): Json {
  const { type, subtype, ts, user, bot_id, app_id, text, blocks, attachments, files, edited } = message;
  const metadata = allMetadata ? message.metadata : typeOnly(message);
  const reactions = message.reactions.map((reaction) => ({ ...reaction, count: reaction.users.length }));
  return structuredClone({
    ...defined({ subtype, user, bot_id, app_id, attachments, files, metadata, edited }),
    type,
    ts,
    text,
    blocks,
    ...(reactions.length === 0 ? {} : { reactions }),
    ...threadFields(messages, message),
  });
}

function typeOnly({ metadata }: SlackMessage): Json | undefined {
  return metadata === undefined ? undefined : { event_type: metadata.event_type };
}

function threadFields(messages: Messages, message: SlackMessage): Json {
  const { channel, ts, thread_ts: threadTs } = message;
  if (threadTs !== undefined)
    return { thread_ts: threadTs, parent_user_id: messages.find(channel, threadTs)?.user };
  const replies = messages.replies(channel, ts);
  const users = [...new Set(replies.map(({ user }) => user))];
  if (replies.length === 0) return {};
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: replies.at(-1)?.ts,
  };
}
