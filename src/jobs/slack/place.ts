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
  if (!isPrivate) return run;
  const hidden = await updateRun(deps, run, madePrivate);
  // Those that ended there before are no more for everybody than this one.
  for (const other of await deps.store.shownIn(run.team, run.channel))
    await updateRun(deps, other, madePrivate);
  return hidden;
}
