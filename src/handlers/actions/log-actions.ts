import type { ActionId } from "../../slack/ids.ts";
import type { LogPage } from "../../views/logs.ts";
import { turnLogs } from "../operations/logs.ts";
import type { ActionHandler, BlockAction } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

/** The buttons in a modal of logs. */
export const logActions: Record<Extract<ActionId, `logs.${string}`>, ActionHandler> = {
  "logs.page": turn(({ value }) => ({ page: Math.trunc(Number(value)) || 0 })),
  "logs.all": turn(() => ({ page: 0, errorsOnly: false })),
  "logs.errors": turn(() => ({ page: 0, errorsOnly: true })),
};

function turn(to: (action: BlockAction) => Partial<LogPage>): ActionHandler {
  return async (context, interaction, action) =>
    action.view
      ? await turnLogs(context, interaction, action.view, to(action))
      : await unknownAction(context, interaction, action);
}
