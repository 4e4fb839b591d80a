/**
 * Words with which Arga says that a run is over, from all sources: `complete` and `completed`, `cancelled` and
 * `canceled`, `torn_down` and `cancelled` mean the same (docs/references/arga-api.md#twin-statuses).
 */
const OVER = new Set([
  "complete",
  "completed",
  "failed",
  "error",
  "timed_out",
  "cancelled",
  "canceled",
  "expired",
  "torn_down",
  "terminated",
  "deleted",
  "cleaned_up",
]);

/** Words for a run that goes on, from the same sources; any other that is no last one is new to this code. */
export const GOING_ON: ReadonlySet<string> = new Set([
  "queued",
  "pending",
  "provisioning",
  "generating_story",
  "running",
  "ready",
  "cleaning_up",
]);

/** Whether the status is a last one. A word that no source has counts as still running, as in Arga's own CLI. */
export const isOver = (status: string): boolean => OVER.has(status);
