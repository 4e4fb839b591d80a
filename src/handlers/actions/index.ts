import type { ActionId } from "../../slack/ids.ts";
import type { Content } from "../../views/card.ts";
import { runCommand } from "../commands/run-command.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { errorReply } from "../shared/error-reply.ts";
import type { ActionHandler, BlockAction } from "../shared/handlers.ts";
import { keyOf } from "../shared/interaction.ts";
import { credentialActions } from "./credential-actions.ts";
import { formActions } from "./form-actions.ts";
import { homeActions } from "./home-actions.ts";
import { logActions } from "./log-actions.ts";
import { notifyActions } from "./notify-actions.ts";
import { runActions } from "./run-actions.ts";
import { testActions } from "./test-actions.ts";

/** What a press or a choice does, by its `action_id`. */
export const actions: Record<ActionId, ActionHandler> = {
  ...runActions,
  ...testActions,
  ...logActions,
  ...credentialActions,
  ...homeActions,
  ...formActions,
  ...notifyActions,
  // What was said to the bot and needs a modal: the same words, now that there is a trigger.
  "command.run": (context, interaction, { value }) =>
    runCommand(context, pressedOnce(interaction, value), value ?? ""),
  "talk.open": (context, interaction, { value }) => runCommand(context, interaction, value ?? ""),
};

/** An offer is taken once, however often its button is pressed, and where it was made: in its thread. */
function pressedOnce(interaction: Interaction, value = ""): Interaction {
  const { pressedOn, actor, reply } = interaction;
  const { threadTs } = reply;
  const thread = threadTs ? { threadTs } : {};
  if (!pressedOn) return { ...interaction, ...thread };
  const name = `${actor.id} ${pressedOn.channel} ${pressedOn.ts} ${value}`;
  return { ...interaction, ...thread, key: keyOf(name) };
}

/** Carries out a press; what it returns is shown to the person alone. Never throws. */
export async function runAction(
  handle: ActionHandler,
  context: HandlerContext,
  interaction: Interaction,
  action: BlockAction,
): Promise<Content | undefined> {
  try {
    // Whoever presses there is there to read the answer.
    if (action.view?.type === "home")
      await context.homes.pressed({ team: interaction.team, user: interaction.actor.id });
    return await handle(context, interaction, action);
  } catch (error) {
    return errorReply(context, error);
  }
}
