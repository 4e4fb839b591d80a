import type { AnyMiddlewareArgs } from "@slack/bolt";
import { textContent } from "../../views/replies.ts";
import type { HandlerContext } from "./context.ts";
import { type InteractivePayload, payloadInteraction } from "./interaction.ts";
import { answerOnce } from "./tell.ts";

/** What people of another company are told in a channel that they share with this one. */
export const OUTSIDERS_REFUSED = textContent("Only people from this workspace can use me.");

type Body = AnyMiddlewareArgs["body"];

/** Whether whoever used a button, a menu, a form or a shortcut is none of this company. */
export async function isFromOutside({ people }: HandlerContext, body: Body): Promise<boolean> {
  const person = body as Partial<InteractivePayload>;
  if (typeof person.user !== "object" || !person.user?.team_id || !person.team) return false;
  const { user, team } = person;
  return !(await people.isColleague(team.id, user.id, user.team_id));
}

/** Has no effect but that the person alone is told so. */
export async function refuseOutsider(context: HandlerContext, body: Body, args: object): Promise<void> {
  const { ack } = args as { ack?: (answer?: unknown) => Promise<void> };
  const isMenu = "type" in body && body.type === "block_suggestion";
  await ack?.(isMenu ? { options: [] } : undefined);
  if (isMenu) return;
  const interaction = payloadInteraction(body as unknown as InteractivePayload);
  context.waitUntil(answerOnce(context, interaction, OUTSIDERS_REFUSED));
}
