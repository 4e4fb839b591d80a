import type { Logger } from "pino";
import { isDelivered, isEnded, type Run, type SubscriberMessage } from "../../runs/run.ts";
import { channelClosed } from "../../runs/transitions.ts";
import { SlackRateLimited, SlackRefused } from "../../slack/errors.ts";
import type { Lane, Pacer } from "../../slack/pacer.ts";
import type { SlackWeb } from "../../slack/web.ts";
import type { RunStore } from "../../store/runs.ts";
import type { ViewContext } from "../../views/buttons.ts";
import { type Content, card, hashOf } from "../../views/card.ts";
import type { RunQueues } from "../queues.ts";

/** What the Slack side works with. */
export interface SlackDeps {
  store: RunStore;
  queues: RunQueues;
  slack: SlackWeb;
  pacer: Pacer;
  logger: Logger;
  maxTtlMinutes: number;
  /** Hands what happened to the channels that subscribed to it, and takes it out of the outbox. */
  expand: (run: Run, message: SubscriberMessage) => Promise<Run>;
  /** Tells a person on their Home; false if they do not look at it. */
  atHome?: (team: string, user: string, content: Content) => Promise<boolean>;
  /** Told how long a new phase took to reach the card, in seconds. */
  onLag: (seconds: number) => void;
}

/** What became of one piece of work: the record after it, or when to try again (ms since the epoch). */
export interface RunResult {
  run: Run;
  requeueAt?: number;
}

export const contextOf = (deps: SlackDeps): ViewContext => ({
  now: Date.now(),
  maxTtlMinutes: deps.maxTtlMinutes,
});

/** Whether the card shows something else than the record says. */
export const isCardStale = (deps: SlackDeps, run: Run): boolean =>
  run.card.state === "posted" && run.card.hash !== hashOf(card(run, contextOf(deps)));

/** Nothing is left to do for a run: it is over, told, and its card says so. */
export const isSettledWith =
  (deps: SlackDeps) =>
  (run: Run): boolean =>
    isDelivered(run) &&
    (run.card.state === "none" || (run.card.state === "posted" && !isCardStale(deps, run)));

/** Writes a change of the record; a run that is gone (its record was deleted by hand) counts as unchanged. */
export async function updateRun(deps: SlackDeps, run: Run, by: (run: Run) => Run): Promise<Run> {
  return (await deps.store.update(run, by, isSettledWith(deps))) ?? run;
}

const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 5 * 60_000;
/** Slack's words for a channel that takes no messages of ours any more. */
const SHUT = new Set(["is_archived", "channel_not_found", "not_in_channel", "account_inactive"]);

/** Plans another try; a 429 holds its lane for everybody. What Slack refuses outright is tried again, but rarely. */
export async function retryLater(deps: SlackDeps, run: Run, lane: Lane, error: unknown): Promise<RunResult> {
  if (error instanceof SlackRateLimited) {
    await deps.pacer.block(lane, run.team, error.retryAfterMs);
    return { run, requeueAt: Date.now() + error.retryAfterMs };
  }
  // Waiting for a channel to open again would take the lane from those that are open.
  if (isEnded(run) && error instanceof SlackRefused && SHUT.has(error.error))
    return { run: await updateRun(deps, run, (now) => channelClosed(now, Date.now())) };
  const wait = error instanceof SlackRefused ? REFUSED_RETRY_MS : RETRY_MS * (0.75 + Math.random() / 2);
  deps.logger.warn(
    { run: run.id, lane: lane.name, err: error },
    "A call to Slack did not go through; it is tried again",
  );
  return { run, requeueAt: Date.now() + wait };
}
