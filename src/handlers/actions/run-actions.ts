import { UsageError } from "../../kinds/grammar.ts";
import { isVisible } from "../../runs/authority.ts";
import type { Action, Run } from "../../runs/run.ts";
import type { ActionId } from "../../slack/ids.ts";
import type { Content } from "../../views/card.ts";
import { RUN_IS_GONE } from "../../views/replies.ts";
import { showCredentials } from "../operations/credentials.ts";
import { showLogs } from "../operations/logs.ts";
import { requestAction } from "../operations/request-action.ts";
import { restartRun } from "../operations/start-run.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { ActionHandler, BlockAction } from "../shared/handlers.ts";

/** The buttons of a run, on its card and wherever else they are shown. */
export const runActions: Record<Extract<ActionId, `run.${string}`>, ActionHandler> = {
  "run.extend": onRun((context, interaction, run, action) =>
    requestAction(context, interaction, run, { action: "extend", minutes: chosenMinutes(context, action) }),
  ),
  "run.lock": request("lock"),
  "run.reset": request("reset"),
  "run.teardown": request("teardown"),
  "run.cancel": request("cancel"),
  "run.credentials": onRun(showCredentials),
  "run.logs": onRun(showLogs),
  "run.rerun": onRun(restartRun),
  // A link: Slack opens it, and tells us all the same.
  "run.dashboard": async () => undefined,
};

type RunActionHandler = (
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
  action: BlockAction,
) => Promise<Content | undefined>;

/** The run is known by the `block_id`: of the payload nothing else is believed but who pressed what, where. */
function onRun(handle: RunActionHandler): ActionHandler {
  return async (context, interaction, action) => {
    const id = runIdOf(action.blockId);
    const run = id ? await context.store.get({ team: interaction.team, id }) : undefined;
    // Whether there is such a run isn't told to those who may not see it.
    if (!run || !isVisible(interaction.actor, run, context.config.admins)) return RUN_IS_GONE;
    return await handle(context, interaction, run, action);
  };
}

function request(action: Exclude<Action, "extend">): ActionHandler {
  return onRun((context, interaction, run) => requestAction(context, interaction, run, { action }));
}

/** `run:<short id>`, or `run:<short id>:<anything>`. */
const runIdOf = (blockId: string): string | undefined => /^run:([a-z0-9]{1,20})(?::|$)/.exec(blockId)?.[1];

/** A payload can be made up by whoever holds the signing secret; what it says is held to the same limits. */
function chosenMinutes({ config: { maxTtlMinutes } }: HandlerContext, { value }: BlockAction): number {
  const minutes = Number(value);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxTtlMinutes) return minutes;
  throw new UsageError(
    `That isn't a time from the menu. Choose 1 to ${maxTtlMinutes} minutes.`,
    "/arga list",
  );
}
