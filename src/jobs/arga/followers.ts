import { randomUUID } from "node:crypto";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { ArgaClient } from "../../api/client.ts";
import { ArgaAborted, ArgaError } from "../../api/errors.ts";
import { messageOf } from "../../base/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { StreamUpdate } from "../../kinds/kind.ts";
import type { Run, RunRef } from "../../runs/run.ts";
import { guarded, runScript } from "../../store/redis.ts";
import type { RunStore } from "../../store/runs.ts";
import type { RunQueues } from "../queues.ts";
import { Reading } from "./stream-reader.ts";

interface FollowersOptions {
  redis: Redis;
  prefix: string;
  store: RunStore;
  queues: RunQueues;
  logger: Logger;
  arga: ArgaClient;
  /** Looks at the run and notes what it finds, but for its end; false: it is over. */
  look: (ref: RunRef) => Promise<boolean>;
}

/** Milliseconds. A dead process's runs are followed by another one after the first. */
const LEASE_MS = 12_000;
const RENEW_MS = 3_000;
/** A run whose stream does not work is looked at by itself for this long before it is tried again. */
const UNFOLLOWABLE_MS = 60_000;

/** KEYS: leases. ARGV: whose, for how many ms. Each lease that is ours lasts longer. Returns those that are not ours any more. */
const RENEW = `
local lost = {}
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) else table.insert(lost, key) end
end
return lost`;

/** KEYS: lease. ARGV: whose. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

interface Follower {
  stopping: AbortController;
  done: Promise<void>;
}

/**
 * Follows runs by their streams of events, hundreds in one process and each in one process alone: a lease in Redis
 * says whose it is. What a stream says is written into the run's record; that its state may have changed only makes
 * someone look. So a stream that is cut, late or silent costs time and nothing else. No job waits for one.
 */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #me = randomUUID();
  readonly #followers = new Map<string, Follower>();
  readonly #unfollowable = new Map<string, number>();
  readonly #renewal: NodeJS.Timeout;
  #isStopping = false;

  constructor(options: FollowersOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  get size(): number {
    return this.#followers.size;
  }

  /** For how long the run is certain to be followed, in ms; undefined: it isn't followed. */
  async followedFor(run: RunRef): Promise<number | undefined> {
    const key = this.#lease(run);
    if (this.#followers.has(key)) return LEASE_MS;
    const left = await guarded(this.#options.redis.pttl(key));
    return left > 0 ? left : undefined;
  }

  /**
   * Follows the run, unless someone does. Returns as {@link Followers.followedFor}: undefined for a kind without a
   * stream, for a stream that does not work, or when this process ends.
   */
  async follow(run: Run): Promise<number | undefined> {
    const key = this.#lease(run);
    const events = this.#isStopping || this.#isHopeless(key) ? undefined : opener(this.#options.arga, run);
    if (!events) return undefined;
    const { redis } = this.#options;
    const isMine = (await guarded(redis.set(key, this.#me, "PX", LEASE_MS, "NX"))) === "OK";
    if (isMine && this.#isStopping) {
      await guarded(runScript(redis, RELEASE, [key], [this.#me]));
      return undefined;
    }
    // It outlives the look that began it, and is recorded on its own.
    if (isMine && !this.#followers.has(key)) context.with(ROOT_CONTEXT, () => this.#begin(key, run, events));
    return LEASE_MS;
  }

  /** Hands all runs back; resolves when what was read of them is written. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#renewal);
    const followers = [...this.#followers.values()];
    for (const { stopping } of followers) stopping.abort();
    await Promise.allSettled(followers.map(({ done }) => done));
  }

  #begin(key: string, run: Run, events: (signal: AbortSignal) => AsyncIterable<StreamUpdate>): void {
    const stopping = new AbortController();
    const { logger } = this.#options;
    const reading = new Reading({ ...this.#options, run, stopping });
    const done = reading
      .read(events(stopping.signal))
      .catch((error: unknown) => this.#failed(key, run, error))
      .then(() => this.#end(key, run))
      .catch((error: unknown) =>
        logger.warn(
          { run: run.id, why: messageOf(error) },
          "Couldn't enqueue the followed run; the sweep will pick it up",
        ),
      );
    this.#followers.set(key, { stopping, done });
  }

  #isHopeless(key: string): boolean {
    return (this.#unfollowable.get(key) ?? 0) > Date.now();
  }

  #failed(key: string, run: Run, error: unknown): void {
    // Given up by us: there is nothing wrong with the stream.
    if (!(error instanceof ArgaError) || error instanceof ArgaAborted) return;
    this.#unfollowable.set(key, Date.now() + UNFOLLOWABLE_MS);
    this.#options.logger.warn(
      { run: run.id, err: error },
      "Couldn't follow the run's stream; polling it instead",
    );
  }

  /** Whoever looks next sees that it isn't followed. */
  async #end(key: string, run: RunRef): Promise<void> {
    this.#followers.delete(key);
    const { redis, queues } = this.#options;
    await guarded(runScript(redis, RELEASE, [key], [this.#me]));
    await queues.enqueue("arga", run);
  }

  async #renew(): Promise<void> {
    const keys = [...this.#followers.keys()];
    for (const [key, until] of this.#unfollowable) if (until < Date.now()) this.#unfollowable.delete(key);
    if (keys.length === 0) return;
    try {
      const { redis } = this.#options;
      const lost = (await guarded(runScript(redis, RENEW, keys, [this.#me, LEASE_MS]))) as string[];
      // Redis was away for longer than a lease: someone else may follow by now. To write twice does no harm.
      for (const key of lost) this.#followers.get(key)?.stopping.abort();
    } catch (error) {
      this.#options.logger.debug({ why: messageOf(error) }, "Couldn't renew stream leases");
    }
  }

  #lease({ team, id }: RunRef): string {
    return `${this.#options.prefix}:follows:${team}:${id}`;
  }
}

function opener(
  arga: ArgaClient,
  run: Run,
): ((signal: AbortSignal) => AsyncIterable<StreamUpdate>) | undefined {
  const { arga: argaRun } = run;
  const { follow } = kindOf(run);
  return argaRun && follow && ((signal) => follow(arga, argaRun, { signal }));
}
