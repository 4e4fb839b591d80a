import type { App as BoltApp } from "@slack/bolt";
import { basicContent } from "../../views/card.ts";
import { invited, welcome } from "../../views/welcome.ts";
import { grammars } from "../commands/grammars.ts";
import type { HandlerContext } from "../shared/context.ts";
import { withRetries } from "../shared/tell.ts";

/** Nobody is welcomed twice: ten years, in seconds. */
const FOR_GOOD = 10 * 365 * 24 * 3600;

/**
 * Onboarding. A bot token does not say who installed the app; whoever opens the bot's direct messages for the first
 * time, as the installer does, is welcomed there, and whoever brings the bot into a channel is told there, unseen
 * by the others, what can be typed.
 */
export function onWelcome(app: BoltApp, context: HandlerContext): void {
  app.event("app_home_opened", async ({ event, body, context: { teamId } }) => {
    const team = teamId ?? body.team_id;
    if (event.tab === "messages") await welcomePerson(context, team, event.user);
  });
  app.event("member_joined_channel", async ({ event, body, context: { teamId, botUserId } }) => {
    const { user, channel, inviter } = event as Joined;
    if (user !== botUserId || !inviter) return;
    const args = { channel, user: inviter, ...basicContent(invited(grammars)) };
    await once(context, teamId ?? body.team_id, `invited:${channel}:${inviter}`, {
      method: "chat.postEphemeral",
      args,
    });
  });
}

interface Joined {
  user: string;
  channel: string;
  inviter?: string;
}

/** Welcomes a person in their direct messages, once; also for whoever learns in another way who installed the app. */
export async function welcomePerson(context: HandlerContext, team: string, user: string): Promise<void> {
  const args = { channel: user, unfurl_links: false, ...basicContent(welcome(grammars)) };
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
