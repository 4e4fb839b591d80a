import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { HandlerContext } from "./context.ts";

/** What a form must know of the conversation that was chosen. */
interface ConversationInfo {
  /** Not everybody in the workspace may see it, as far as is known. */
  hidden: boolean;
  /** Why nothing can be posted there, for certain. */
  problem?: string;
}

/** Slack waits three seconds for an answer to a form; this is one part of it. */
const PATIENCE_MS = 1_000;

const info = z.object({
  channel: z.object({
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
    is_private: z.boolean().optional(),
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
  }),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

/** What is not known to be public is hidden. Never throws, and never takes long. */
export async function conversationInfo(
  context: HandlerContext,
  team: string,
  channel: string,
): Promise<ConversationInfo> {
  const unknown: ConversationInfo = { hidden: true };
  const late = sleep(PATIENCE_MS, unknown, { ref: false });
  return await Promise.race([looked(context, team, channel), late]);
}

async function looked(context: HandlerContext, team: string, channel: string): Promise<ConversationInfo> {
  try {
    const found = info.parse(await context.slack.call(team, "conversations.info", { channel }));
    const { is_im, is_mpim, is_private, is_member, is_archived } = found.channel;
    const hidden = is_private !== false || is_im === true || is_mpim === true;
    const isOpen = found.response_metadata?.scopes?.includes("chat:write.public") === true;
    if (is_archived) return { hidden, problem: "This channel is archived. Choose another one." };
    return !hidden && is_member === false && !isOpen ? { hidden, problem: NOT_IN } : { hidden };
  } catch (error) {
    // Private channels cannot be looked at without a permission that is not asked for; whether a card can stand
    // there will show when it is posted.
    context.logger.debug({ err: error }, "Couldn't get conversation info from Slack");
    return { hidden: true };
  }
}

const NOT_IN = "I'm not in this conversation. Invite me with /invite, or choose another one.";
