import type { Run } from "../../runs/run.ts";
import { madePrivate } from "../../runs/transitions.ts";
import { type SlackDeps, updateRun } from "./deps.ts";

/**
 * Hides a run whose channel is private, whatever the delivery that asked for it said, or has become so since. Looked at
 * once the card stands, so that nobody waits for it, and before other channels hear of the run.
 */
export async function placed(deps: SlackDeps, run: Run): Promise<Run> {
  if (run.hidden || run.card.state !== "posted") return run;
  const isPrivate = await deps.places.isPrivate(run.team, run.channel);
  return isPrivate ? await updateRun(deps, run, madePrivate) : run;
}
