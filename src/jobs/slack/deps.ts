import type { Logger } from "pino";
import { type Broadcast, isEnded, isTold, type Run } from "../../runs/run.ts";
import { unseen } from "../../runs/transitions.ts";
import { SlackRateLimited, SlackRefused } from "../../slack/errors.ts";
import type { Lane, Pacer } from "../../slack/pacer.ts";
import type { SlackWeb } from "../../slack/web.ts";
import type { RunStore } from "../../store/runs.ts";
import type { ViewContext } from "../../views/buttons.ts";
import { type Content, card, hashOf } from "../../views/card.ts";
import type { RunQueues } from "../queues.ts";

/** What the Slack side works with. */
export interface SlackSide {
  store: RunStore;
  queues: RunQueues;
  slack: SlackWeb;
  pacer: Pacer;
  logger: Logger;
  maxTtlMinutes: number;
  /** Hands what happened to the channels that subscribed to it, and takes it out of the outbox. */
  expand: (run: Run, message: Broadcast) => Promise<Run>;
  /** Tells a person on their Home; false if they do not look at it. */
  atHome?: (team: string, user: string, content: Content) => Promise<boolean>;
  /** Told how long a new phase took to reach the card, in seconds. */
  onLag: (seconds: number) => void;
}

/** What became of one piece of work: the record after it, or when to try again (ms since the epoch). */
export interface Result {
  run: Run;
  again?: number;
}

export const contextOf = (side: SlackSide): ViewContext => ({
  now: Date.now(),
  maxTtlMinutes: side.maxTtlMinutes,
});

/** Whether the card shows something else than the record says. */
export const isStale = (side: SlackSide, run: Run): boolean =>
  run.card.state === "posted" && run.card.hash !== hashOf(card(run, contextOf(side)));

/** Nothing is left to do for a run: it is over, told, and its card says so. */
export const settledIn =
  (side: SlackSide) =>
  (run: Run): boolean =>
    isTold(run) && (run.card.state === "none" || (run.card.state === "posted" && !isStale(side, run)));

/** Writes a change of the record; a run that is gone (its record was deleted by hand) counts as unchanged. */
export async function change(side: SlackSide, run: Run, by: (run: Run) => Run): Promise<Run> {
  return (await side.store.update(run, by, settledIn(side))) ?? run;
}

const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 5 * 60_000;
/** Slack's words for a channel that takes no messages of ours any more. */
const SHUT = new Set(["is_archived", "channel_not_found", "not_in_channel", "account_inactive"]);

/** Plans another try; a 429 holds its lane for everybody. What Slack refuses outright is tried again, but rarely. */
export async function retryLater(side: SlackSide, run: Run, lane: Lane, error: unknown): Promise<Result> {
  if (error instanceof SlackRateLimited) {
    await side.pacer.block(lane, run.team, error.retryAfterMs);
    return { run, again: Date.now() + error.retryAfterMs };
  }
  // Waiting for a channel to open again would take the lane from those that are open.
  if (isEnded(run) && error instanceof SlackRefused && SHUT.has(error.error))
    return { run: await change(side, run, (now) => unseen(now, Date.now())) };
  const wait = error instanceof SlackRefused ? REFUSED_RETRY_MS : RETRY_MS * (0.75 + Math.random() / 2);
  side.logger.warn(
    { run: run.id, lane: lane.name, err: error },
    "A call to Slack did not go through; it is tried again",
  );
  return { run, again: Date.now() + wait };
}
