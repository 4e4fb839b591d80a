import { basicContent } from "../../views/card.ts";
import { invited, welcome } from "../../views/welcome.ts";
import { grammars } from "../commands/index.ts";
import type { HandlerContext } from "../shared/context.ts";
import type { EventHandler } from "../shared/handlers.ts";
import { withRetries } from "../shared/tell.ts";

/** No one is welcomed twice: ten years, in seconds. */
const FOR_GOOD = 10 * 365 * 24 * 3600;

/** Whoever brings the bot into a channel is told there, unseen by the others, what can be typed. */
export const memberJoinedChannel: EventHandler<"member_joined_channel"> = async (
  context,
  { user, channel, inviter },
  { team, botUserId },
) => {
  if (user !== botUserId || !inviter) return;
  const args = { channel, user: inviter, ...basicContent(invited(grammars, context.bot)) };
  await once(context, team, `invited:${channel}:${inviter}`, { method: "chat.postEphemeral", args });
};

/**
 * Welcomes a person in their direct messages, once. A bot token doesn't say who installed the app; whoever opens these
 * messages for the first time, as the installer does, is who should hear.
 */
export async function welcomePerson(context: HandlerContext, team: string, user: string): Promise<void> {
  const args = { channel: user, unfurl_links: false, ...basicContent(welcome(grammars, context.bot)) };
  await once(context, team, `welcome:${user}`, { method: "chat.postMessage", args });
}

interface Call {
  method: string;
  args: Record<string, unknown>;
}

/** Better not at all than twice: it is marked before it is sent. */
async function once(
  context: HandlerContext,
  team: string,
  mark: string,
  { method, args }: Call,
): Promise<void> {
  if (!(await context.store.once(team, mark, FOR_GOOD))) return;
  context.waitUntil(withRetries(() => context.slack.call(team, method, args)));
}
