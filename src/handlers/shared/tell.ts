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

/** As {@link replyToUser}, but once for one delivery, also if Slack brings it again. */
export async function answerOnce(
  context: HandlerContext,
  interaction: Interaction,
  content: Content,
): Promise<void> {
  // While Redis is away nothing tells the two apart, and one too many is better than none.
  const isFirst = await context.store.once(interaction.team, `told:${interaction.key}`).catch(() => true);
  if (isFirst) await replyToUser(context, interaction, content);
}
