import type { AnyMiddlewareArgs, SlashCommand } from "@slack/bolt";
import { textContent } from "../../views/replies.ts";
import type { HandlerContext } from "./context.ts";
import { commandInteraction, type InteractivePayload, payloadInteraction } from "./interaction.ts";
import { answerOnce } from "./tell.ts";

/** What people of another company are told in a channel that they share with this one. */
export const OUTSIDERS_REFUSED = textContent("Only people from this workspace can use me.");

type Body = AnyMiddlewareArgs["body"];

/**
 * Whether whoever typed a command or used a button, a menu, a form or a shortcut is none of the company whose workspace
 * `ours` is. Whose workspace isn't named is looked up. Events are judged by their handlers.
 */
export async function isFromOutside({ people }: HandlerContext, body: Body, ours: string): Promise<boolean> {
  if ("command" in body) {
    // Slack names the workspace of the person; where two companies meet, that's another one than ours.
    const { user_id: user, team_id: home } = body as Record<string, string>;
    return !(await people.isColleague(ours, user ?? "", home));
  }
  const { user, team } = body as Partial<InteractivePayload>;
  if (typeof user !== "object" || user === null) return false;
  return !(await people.isColleague(team?.id ?? ours, user.id, user.team_id || undefined));
}

/** Has no effect but that the person alone is told so. */
export async function refuseOutsider(context: HandlerContext, body: Body, args: object): Promise<void> {
  const { ack } = args as { ack?: (answer?: unknown) => Promise<void> };
  const isMenu = "type" in body && body.type === "block_suggestion";
  await ack?.(isMenu ? { options: [] } : undefined);
  if (isMenu) return;
  const interaction =
    "command" in body
      ? commandInteraction(body as unknown as SlashCommand)
      : payloadInteraction(body as unknown as InteractivePayload);
  context.waitUntil(answerOnce(context, interaction, OUTSIDERS_REFUSED));
}
