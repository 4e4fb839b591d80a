import { setTimeout as sleep } from "node:timers/promises";
import { type Job, RedisConnection, type Telemetry, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { CodedError, messageOf } from "../base/errors.ts";
import { noteOnSpan } from "../base/tracing.ts";
import type { Run, RunRef } from "../runs/run.ts";
import { StoreUnavailable } from "../store/redis.ts";
import type { RunStore } from "../store/runs.ts";
import { isOfRuns, type QueueName, queuePrefix, type RunQueues } from "./queues.ts";

/** Where a reconciler left what it looked at. */
export interface ReconcileResult {
  /** When to look again, in ms since the epoch. */
  requeueAt?: number;
  /** Whether there is something that it hasn't looked at: then there is another look at once. */
  isStale?: () => Promise<boolean>;
}

/** A run's record after a piece of work, and when to go on if something is left, in ms since the epoch. */
export interface RunResult {
  run: Run;
  requeueAt?: number;
}

/** Brings what a job names a step further. May be called at any time, twice, or late. */
export type Reconciler<Result extends ReconcileResult = ReconcileResult> = (
  ref: RunRef,
) => Promise<Result | undefined>;

export interface ReconcileWorkerOptions {
  queue: QueueName;
  reconciler: Reconciler;
  queues: RunQueues;
  /** One for all workers, from `queueConnection`; each makes another of its own, to wait for jobs. */
  connection: Redis;
  prefix: string;
  logger: Logger;
  /** Records jobs as traces. */
  telemetry?: Telemetry | undefined;
  /** Counts how each job went: `done`, `again` or `error`. */
  jobs: { inc(labels: { queue: QueueName; outcome: string }): void };
}

/** Whether a run's record was written since; with a fingerprint, whether that changed what the reconciler depends on. */
export const changedSince =
  (store: RunStore, run: Run, fingerprint?: (run: Run) => string): (() => Promise<boolean>) =>
  async () => {
    const version = await store.version(run);
    if (version === undefined || version === run.version) return false;
    if (!fingerprint) return true;
    const newest = await store.get(run);
    return newest !== undefined && fingerprint(newest) !== fingerprint(run);
  };

/**
 * Milliseconds. A killed process's job is taken up within this and the time between two looks for such jobs; the defaults
 * of BullMQ take a minute (docs/design.md).
 */
const LOCK_MS = 6_000;
/** How often a queue that has nothing to do asks for more, and for jobs that nobody is at any more. */
const IDLE_MS = 2_000;
/** Nobody is kept waiting by what these do: a Home, a notice. */
const CALM: ReadonlySet<QueueName> = new Set(["home", "notices"]);
const CALM_IDLE_MS = 5_000;
/** Jobs at once: nearly all of their time, they wait for an answer. */
const CONCURRENCY = 200;
const AFTER_MISTAKE_MS = 5_000;

/** A Redis that refuses, or is gone, is asked again after this; BullMQ's own would be 15 s. */
const AFTER_REFUSAL_MS = 1_000;

/**
 * What the workers believe to talk to, without asking for each connection: Redis was looked at once, before
 * (src/store/redis-check.ts). Of an older one BullMQ would wait for whole seconds only.
 */
RedisConnection.minimumVersion = "6.2.0";

/** The worker of one queue. */
export class ReconcileWorker extends Worker<RunRef> {
  /** What it waits for jobs with; unknown until it first stood. */
  #waiting: { status: string } | undefined;
  #lost = "";

  constructor(options: ReconcileWorkerOptions) {
    const { queue, logger, connection, prefix, telemetry } = options;
    const idleMs = CALM.has(queue) ? CALM_IDLE_MS : IDLE_MS;
    super(queue, (job: Job<RunRef>) => reconcile(job.data, options), {
      connection,
      skipVersionCheck: true,
      prefix: queuePrefix(prefix),
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: idleMs,
      // A job is harmless to repeat and says nothing by having been interrupted.
      maxStalledCount: 1_000_000,
      drainDelay: idleMs / 1_000,
      ...(telemetry && { telemetry }),
      runRetryDelay: AFTER_REFUSAL_MS,
    });
    this.on("error", (error) => {
      this.#lost = messageOf(error);
    });
    this.on("failed", (job, error) =>
      logger.warn({ queue, run: job?.data.id, err: error }, "Job failed; retrying"),
    );
    this.getBackend().blockingClient?.then(
      (client) => {
        this.#waiting = client;
      },
      () => {},
    );
  }

  /** Why it takes no jobs now, or undefined. */
  get problem(): string | undefined {
    if (!this.isRunning()) return "not running";
    return this.#waiting?.status === "ready"
      ? undefined
      : `no connection to Redis (${this.#lost || "none yet"})`;
  }

  /** A Redis that refuses is asked again a second later: BullMQ would at once, and do nothing else. */
  protected override async moveToActive(
    token: string,
    name?: string,
  ): ReturnType<Worker<RunRef>["moveToActive"]> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(AFTER_REFUSAL_MS);
      throw error;
    }
  }
}

/** A poke that comes meanwhile is kept by BullMQ, unless the job's own next time takes its place. */
async function reconcile(ref: RunRef, options: ReconcileWorkerOptions): Promise<void> {
  const { queue, queues } = options;
  const result = await attempt(ref, options);
  if (result?.requeueAt === undefined) return;
  await queues.enqueueAt(queue, ref, result.requeueAt);
  if (await result.isStale?.()) await queues.enqueue(queue, ref);
}

async function attempt(ref: RunRef, options: ReconcileWorkerOptions): Promise<ReconcileResult | undefined> {
  const { queue, reconciler, logger, jobs } = options;
  if (isOfRuns(queue)) noteOnSpan({ "arga_slack.run": ref.id });
  const ended = (outcome: string): void => {
    noteOnSpan({ "arga_slack.outcome": outcome });
    jobs.inc({ queue, outcome });
  };
  try {
    const result = await reconciler(ref);
    ended(result?.requeueAt === undefined ? "done" : "again");
    return result;
  } catch (error) {
    ended("error");
    const isKnown = error instanceof CodedError;
    logger[isKnown ? "warn" : "error"]({ queue, run: ref.id, err: error }, "Reconciler failed; retrying");
    // Redis is back sooner than a mistake is mended.
    const pause = error instanceof StoreUnavailable ? AFTER_REFUSAL_MS : AFTER_MISTAKE_MS;
    return { requeueAt: Date.now() + pause };
  }
}
