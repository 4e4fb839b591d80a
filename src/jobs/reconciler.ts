import { type Job, Worker } from "bullmq";
import type { Logger } from "pino";
import { CodedError } from "../base/errors.ts";
import type { Run, RunRef } from "../runs/run.ts";
import { queueConnection } from "../store/redis.ts";
import type { RunStore } from "../store/runs.ts";
import { type QueueName, queuePrefix, type RunQueues } from "./queues.ts";

/** Where a step left what it looked at. */
export interface ReconcileResult {
  /** When to look again, in ms since the epoch. */
  requeueAt?: number;
  /** Whether what the step depends on has changed since it looked: then there is another one at once. */
  isStale?: () => Promise<boolean>;
}

/** Brings what a job names a step further. May be called at any time, twice, or late. */
export type Reconciler = (ref: RunRef) => Promise<ReconcileResult | undefined>;

export interface ReconcileWorkerOptions {
  queue: QueueName;
  reconciler: Reconciler;
  queues: RunQueues;
  redis: { url: string; prefix: string };
  logger: Logger;
  /** Told how each job went: `done`, `again` or `error`. */
  onJob: (queue: QueueName, outcome: string) => void;
}

/** Compares a run's record with the newest by what a side depends on, in short. */
export const changedSince =
  (store: RunStore, run: Run, gist: (run: Run) => string): (() => Promise<boolean>) =>
  async () => {
    const newest = await store.get(run);
    return newest !== undefined && gist(newest) !== gist(run);
  };

/**
 * Milliseconds. A killed process's job is taken up within their sum; the defaults of BullMQ take a minute
 * (docs/design.md).
 */
const LOCK_MS = 6_000;
const STALLED_CHECK_MS = 2_000;
/** Jobs at once: nearly all of their time, they wait for an answer. */
const CONCURRENCY = 200;
const AFTER_MISTAKE_MS = 5_000;

/** The worker of one queue. */
export function startWorker(options: ReconcileWorkerOptions): Worker<RunRef> {
  const { queue, logger, redis } = options;
  const worker = new Worker<RunRef>(queue, (job: Job<RunRef>) => reconcile(job.data, options), {
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
    logger.warn({ queue, run: job?.data.id, err: error }, "A job failed; it is tried again"),
  );
  return worker;
}

async function reconcile(ref: RunRef, options: ReconcileWorkerOptions): Promise<void> {
  const { queue, queues } = options;
  const outlook = await attempt(ref, options);
  if (outlook?.requeueAt !== undefined) await queues.enqueueAt(queue, ref, outlook.requeueAt);
  // Whoever wrote meanwhile may have poked before the line above put its own time in that poke's place.
  if (await outlook?.isStale?.()) await queues.enqueue(queue, ref);
}

async function attempt(ref: RunRef, options: ReconcileWorkerOptions): Promise<ReconcileResult | undefined> {
  const { queue, reconciler, logger, onJob } = options;
  try {
    const outlook = await reconciler(ref);
    onJob(queue, outlook?.requeueAt === undefined ? "done" : "again");
    return outlook;
  } catch (error) {
    onJob(queue, "error");
    const isKnown = error instanceof CodedError;
    logger[isKnown ? "warn" : "error"](
      { queue, run: ref.id, err: error },
      "A step went wrong; it is tried again",
    );
    return { requeueAt: Date.now() + AFTER_MISTAKE_MS };
  }
}
