import { replyToUser as reply } from "../../delivery/reply-to-user.ts";
import type { Content } from "../../views/card.ts";
import type { HandlerContext, Interaction } from "./context.ts";

export { withRetries } from "../../delivery/retry.ts";

/** Answers one person alone, where they asked. Throws what the last try ended with. */
export const replyToUser = (
  { replies }: HandlerContext,
  { team, reply: to }: Interaction,
  content: Content,
): Promise<void> => reply(replies, { team, to, content });
