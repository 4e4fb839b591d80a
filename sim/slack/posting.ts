import type { Channel } from "./directory.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** Who writes when the bot does. */
export function byBot({ settings: { app } }: World): { user: string; botId: string; appId: string } {
  return { user: app.botUserId, botId: app.botId, appId: app.appId };
}

/**
 * The thread to write into; none for an empty ts. A thread hangs on a message of the channel itself:
 * what Slack does with a reply's ts is left open, and refused here. @throws Refusal
 */
export function threadOf(
  { messages }: World,
  channel: Channel,
  threadTs: string | undefined,
): string | undefined {
  if (threadTs === undefined || threadTs === "") return undefined;
  const parent = messages.find(channel.id, threadTs);
  if (parent === undefined) throw new Refusal("thread_not_found");
  if (parent.thread_ts !== undefined) throw new Refusal("cannot_reply_to_message");
  return threadTs;
}
