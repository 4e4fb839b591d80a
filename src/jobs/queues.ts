import { type JobsOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Kind, RunRef } from "../runs/run.ts";

/** Arga and Slack are brought in line with a run's record, each by a queue of its own, so that neither waits for the other. */
export const RUN_QUEUES = ["arga", "slack"] as const;
/** `notices` looks at what a channel is still to hear, `watch` at all runs of a workspace at once, `home` at what one person sees of them. */
const QUEUES = [...RUN_QUEUES, "notices", "watch", "home"] as const;
export type QueueName = (typeof QUEUES)[number];

/** BullMQ's key prefix: the bot's own, and a word that keeps its keys apart from the records. */
export const queuePrefix = (prefix: string): string => `${prefix}:queue`;

/**
 * The queues. In each, a run has at most one job at work and one that waits; a job carries nothing but the run's name
 * (in other queues: a channel's, a workspace's), because the record says all the rest.
 */
export class RunQueues {
  readonly #queues: Record<QueueName, Queue<RunRef>>;

  constructor(connection: Redis, prefix: string) {
    const open = (name: QueueName): Queue<RunRef> => {
      const queue = new Queue<RunRef>(name, { ...OPTIONS, connection, prefix: queuePrefix(prefix) });
      // Said once, where the connection was made.
      queue.on("error", () => {});
      return queue;
    };
    this.#queues = {
      arga: open("arga"),
      slack: open("slack"),
      notices: open("notices"),
      watch: open("watch"),
      home: open("home"),
    };
  }

  /** Looks at a run now: one that waits for its time is brought forward, one at work is followed by another. */
  async enqueue(queue: QueueName, ref: RunRef): Promise<void> {
    await this.#add(queue, ref, { replace: true });
  }

  /** Looks at a run at `at` (ms since the epoch), instead of at the time planned before. */
  async enqueueAt(queue: QueueName, ref: RunRef, at: number): Promise<void> {
    await this.#add(queue, ref, { at, replace: true });
  }

  /** Makes sure that someone will look at a run, by `at` or now, without changing when if someone will already. */
  async ensureEnqueued(queue: QueueName, ref: RunRef, at?: number): Promise<void> {
    await this.#add(queue, ref, at === undefined ? {} : { at });
  }

  async #add(queue: QueueName, { team, id }: RunRef, { at, replace }: Adding): Promise<void> {
    const deduplication = { id: `${team}.${id}`, keepLastIfActive: true, ...(replace ? { replace } : {}) };
    const delay = at === undefined ? 0 : Math.max(0, at - Date.now());
    await this.#queues[queue].add("reconcile", { team, id }, { ...JOB, delay, deduplication });
  }

  async close(): Promise<void> {
    await Promise.all(QUEUES.map((name) => this.#queues[name].close()));
  }
}

/**
 * What a queue asks of Redis before its first job must not fail: it would be of no use ever after, even when Redis is
 * back. Its version was looked at before (src/store/redis-check.ts).
 */
const OPTIONS = { skipVersionCheck: true, skipWaitingForReady: true } as const;

interface Adding {
  at?: number;
  replace?: true;
}

/** A step never fails but for Redis itself or a mistake of ours: it is then tried again until it is mended. */
const JOB: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 1_000,
  backoff: { type: "fixed", delay: 3_000 },
};

/** The job that watches runs of a kind which were started elsewhere has a name, and a pace, of its own. */
export const externalRunsJob = (kind: Kind): string => `${kind}:others`;
