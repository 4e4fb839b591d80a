import type { ActionId } from "../../slack/ids.ts";
import { chooseCredentials } from "../operations/credentials.ts";
import type { ActionHandler } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

const choose: ActionHandler = async (context, interaction, action) =>
  action.view
    ? await chooseCredentials(context, interaction, action.view)
    : await unknownAction(context, interaction, action);

/** The menus in a modal of credentials: what is chosen in both of them stands in the modal's state. */
export const credentialActions: Record<Extract<ActionId, `credentials.${string}`>, ActionHandler> = {
  "credentials.format": choose,
  "credentials.picked": choose,
};
