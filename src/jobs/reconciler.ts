import { type Job, Worker } from "bullmq";
import type { Logger } from "pino";
import { CodedError } from "../errors.ts";
import type { Run, RunRef } from "../runs/run.ts";
import { queueConnection } from "../store/redis.ts";
import type { RunStore } from "../store/runs.ts";
import { queuePrefix, type RunQueues, type Side } from "./queues.ts";

/** Where a step left a run, and when to look again (ms since the epoch). */
export interface Outlook {
  run: Run;
  next?: number;
}

/** Brings one side of one run a step further. May be called at any time, twice, or late. */
export type Step = (ref: RunRef) => Promise<Outlook | undefined>;

export interface ReconcilerOptions {
  side: Side;
  step: Step;
  /** What this side of a run depends on, in short: if it changed while a step was at work, there is another one. */
  gist: (run: Run) => string;
  queues: RunQueues;
  store: RunStore;
  redis: { url: string; prefix: string };
  logger: Logger;
  /** Told how each job went: `done`, `again` or `error`. */
  onJob: (side: Side, outcome: string) => void;
}

/**
 * Milliseconds. A killed process's job is taken up within their sum; the defaults of BullMQ take a minute
 * (docs/design.md).
 */
const LOCK_MS = 6_000;
const STALLED_CHECK_MS = 2_000;
/** Jobs at once: nearly all of their time, they wait for an answer. */
const CONCURRENCY = 200;
const AFTER_MISTAKE_MS = 5_000;

/** The worker of one side. */
export function startReconciler(options: ReconcilerOptions): Worker<RunRef> {
  const { side, logger, redis } = options;
  const worker = new Worker<RunRef>(side, (job: Job<RunRef>) => reconcile(job.data, options), {
    connection: queueConnection(redis.url),
    prefix: queuePrefix(redis.prefix),
    concurrency: CONCURRENCY,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // A job is harmless to repeat and says nothing by having been interrupted.
    maxStalledCount: 1_000_000,
    drainDelay: 2,
  });
  worker.on("error", () => {});
  worker.on("failed", (job, error) =>
    logger.warn({ side, run: job?.data.id, err: error }, "A job failed; it is tried again"),
  );
  return worker;
}

async function reconcile(ref: RunRef, options: ReconcilerOptions): Promise<void> {
  const outlook = await attempt(ref, options);
  if (!outlook) return;
  const { side, queues, store, gist } = options;
  if (outlook.next !== undefined) await queues.wake(side, ref, outlook.next);
  // Whoever wrote the record meanwhile may have poked before the line above put its own time in that poke's place.
  const newest = await store.get(ref);
  if (newest && gist(newest) !== gist(outlook.run)) await queues.poke(side, ref);
}

async function attempt(ref: RunRef, options: ReconcilerOptions): Promise<Outlook | undefined> {
  const { side, step, logger, onJob, store } = options;
  try {
    const outlook = await step(ref);
    onJob(side, outlook?.next === undefined ? "done" : "again");
    return outlook;
  } catch (error) {
    onJob(side, "error");
    const isKnown = error instanceof CodedError;
    logger[isKnown ? "warn" : "error"](
      { side, run: ref.id, err: error },
      "A step went wrong; it is tried again",
    );
    const run = await store.get(ref);
    return run && { run, next: Date.now() + AFTER_MISTAKE_MS };
  }
}
