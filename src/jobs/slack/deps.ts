import type { DeliveryDeps } from "../../delivery/deliver-once.ts";
import type { ReplyDeps } from "../../delivery/reply-to-user.ts";
import { retryAt } from "../../delivery/retry.ts";
import { stepsTold } from "../../runs/progress.ts";
import { isDelivered, isEnded, type Run, type SubscriberMessage } from "../../runs/run.ts";
import { channelClosed } from "../../runs/transitions.ts";
import { channelError } from "../../slack/channel-errors.ts";
import { SlackRefused } from "../../slack/errors.ts";
import type { Lane } from "../../slack/pacer.ts";
import type { CardLinks } from "../../slack/permalink.ts";
import type { Places } from "../../slack/places.ts";
import type { RunStore } from "../../store/runs.ts";
import type { RunQueues } from "../queues.ts";
import type { RunResult } from "../reconciler.ts";
import { type Drawing, drawCard } from "./draw-card.ts";

/** With what Slack is brought in line with runs. */
export interface SlackDeps extends DeliveryDeps, Drawing {
  store: RunStore;
  queues: RunQueues;
  links: CardLinks;
  places: Places;
  replies: ReplyDeps;
  /** Puts what happened where the channels that subscribed to it will hear it. */
  announce: (run: Run, message: SubscriberMessage) => Promise<void>;
  /** How long a new phase took to reach the card, in seconds. */
  lag: { observe(seconds: number): void };
  /** Reads a picture of Arga's; or why it can't be shown: another try may do, or never. Doesn't throw. */
  readArtifact: (url: string) => Promise<Uint8Array | "passing" | "never">;
}

/** Whether the card shows something else than the record says. */
export const isCardStale = (deps: SlackDeps, run: Run): boolean =>
  run.card.state === "posted" && run.card.hash !== drawCard(deps, run).hash;

/** Whether the thread's message about steps leaves some out that are over. */
export const isStoryStale = ({ story }: Run): boolean =>
  story?.posted !== undefined && story.posted.count !== stepsTold(story);

/** Writes a change of the record; a run that is gone (its record was deleted by hand) counts as unchanged. */
export async function updateRun(deps: SlackDeps, run: Run, change: (run: Run) => Run): Promise<Run> {
  return (await deps.store.update(run, change, (next) => isSettled(deps, next))) ?? run;
}

/** Nothing is left to do for a run: it is over, told, and its card says so. */
const isSettled = (deps: SlackDeps, run: Run): boolean =>
  isDelivered(run) &&
  !isStoryStale(run) &&
  (run.card.state === "none" || (run.card.state === "posted" && !isCardStale(deps, run)));

/**
 * Plans another try of a call that did not go through. A run that ended is let go where its channel takes nothing of
 * ours any more: waiting for it would take the lane from channels that are open.
 */
export async function tryAgain(
  deps: SlackDeps,
  run: Run,
  { lane, error }: { lane: Lane; error: unknown },
): Promise<RunResult> {
  const isClosed = error instanceof SlackRefused && channelError(error.error).isClosed;
  if (isClosed && isEnded(run))
    return { run: await updateRun(deps, run, (now) => channelClosed(now, Date.now())) };
  return { run, requeueAt: await retryAt(deps, { caller: { team: run.team, who: run.id }, lane, error }) };
}
