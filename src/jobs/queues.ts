import { type JobsOptions, Queue, type Telemetry } from "bullmq";
import type { Redis } from "ioredis";
import { withoutDelivery } from "../base/tracing.ts";
import type { Kind, RunRef } from "../runs/run.ts";
import { runScript } from "../store/redis.ts";

/** Arga and Slack are brought in line with a run's record, each by a queue of its own, so that neither waits for the other. */
const RUN_QUEUES = ["arga", "slack"] as const;
/** `notices` looks at what a channel is still to hear, `watch` at all runs of a workspace at once, `home` at what one person sees of them. */
const QUEUES = [...RUN_QUEUES, "notices", "watch", "home"] as const;
export type QueueName = (typeof QUEUES)[number];

/** Whether its jobs are named after runs. */
export const isOfRuns = (queue: QueueName): boolean => RUN_QUEUES.some((name) => name === queue);

/** BullMQ's key prefix: the bot's own, and a word that keeps its keys apart from the records. */
export const queuePrefix = (prefix: string): string => `${prefix}:queue`;

/**
 * The queues. In each, a run has at most one job at work and one that waits; a job carries nothing but the run's name
 * (in other queues: a channel's, a workspace's), because the record says all the rest.
 */
export class RunQueues {
  readonly #queues: Record<QueueName, Queue<RunRef>>;
  readonly #connection: Redis;

  constructor(connection: Redis, prefix: string, telemetry?: Telemetry) {
    this.#connection = connection;
    const common = { ...OPTIONS, connection, prefix: queuePrefix(prefix), ...(telemetry && { telemetry }) };
    const open = (name: QueueName): Queue<RunRef> => {
      const queue = new Queue<RunRef>(name, common);
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

  /** Which of them nobody will look at: they have no job, waiting or at work. One round trip, however many they are. */
  async withoutJob(queue: QueueName, refs: readonly RunRef[]): Promise<RunRef[]> {
    if (refs.length === 0) return [];
    const base = this.#queues[queue].toKey("");
    const keys = refs.map((ref) => `${base}de:${jobName(ref)}`);
    const missing = await runScript(this.#connection, WITHOUT_JOB, keys, [base]);
    return (missing as number[]).flatMap((index) => refs[index - 1] ?? []);
  }

  /** As {@link RunQueues.ensureEnqueued} with all of them, in one round trip; `before` were enqueued just before. */
  async ensureAllEnqueued(queue: QueueName, refs: readonly RunRef[], before = 0): Promise<void> {
    if (refs.length === 0) return;
    const jobs = refs.map(({ team, id }, n) => ({
      name: "reconcile",
      data: { team, id },
      opts: {
        ...JOB,
        delay: Math.max(0, before + n - AT_ONCE) * APART_MS,
        deduplication: { id: jobName({ team, id }), keepLastIfActive: true },
      },
    }));
    await this.#queues[queue].addBulk(jobs);
  }

  /** Has everything looked at that waits for its time: when it was planned, the clock said something else. */
  async bringForward(): Promise<void> {
    for (const name of QUEUES) await this.#queues[name].promoteJobs();
  }

  async #add(queue: QueueName, { team, id }: RunRef, { at, replace }: Adding): Promise<void> {
    const name = jobName({ team, id });
    const deduplication = { id: name, keepLastIfActive: true, ...(replace ? { replace } : {}) };
    const delay = at === undefined ? 0 : Math.max(0, at - Date.now());
    const add = () => this.#queues[queue].add("reconcile", { team, id }, { ...JOB, delay, deduplication });
    // A run goes back to what was asked for all its life; what recurs for a workspace doesn't.
    await (at === undefined || isOfRuns(queue) ? add() : withoutDelivery(add));
  }

  /** How many jobs of all processes wait for a worker, are at work, and wait for their time. */
  async counts(): Promise<{ queue: QueueName; state: string; count: number }[]> {
    const counted = QUEUES.map(async (queue) => {
      const counts = await this.#queues[queue].getJobCounts("waiting", "active", "delayed");
      return Object.entries(counts).map(([state, count]) => ({ queue, state, count }));
    });
    return (await Promise.all(counted)).flat();
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

/** So many are looked at together; more would keep a process from everything else, so they follow one by one, in ms. */
const AT_ONCE = 200;
const APART_MS = 5;

/** By which BullMQ knows that a run has a job already. */
const jobName = ({ team, id }: RunRef): string => `${team}.${id}`;

/**
 * KEYS: where BullMQ says which job a run has. ARGV: how the keys of a queue's jobs begin. Returns the numbers of the
 * keys that lead to no job. All are asked for together, and one by one only if some are missing.
 */
const WITHOUT_JOB = `
local missing, named = {}, {}
for i, job in ipairs(redis.call('MGET', unpack(KEYS))) do
  if job then table.insert(named, { i, ARGV[1] .. job }) else table.insert(missing, i) end
end
local keys = {}
for n, pair in ipairs(named) do keys[n] = pair[2] end
if #keys > 0 and redis.call('EXISTS', unpack(keys)) < #keys then
  for _, pair in ipairs(named) do
    if redis.call('EXISTS', pair[2]) == 0 then table.insert(missing, pair[1]) end
  end
end
return missing`;

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
