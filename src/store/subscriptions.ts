import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { CodedError } from "../base/errors.ts";
import type { Subscription } from "../notices/notices.ts";
import { guarded, runScript } from "./redis.ts";

/** A channel of a workspace. */
export interface ChannelRef {
  team: string;
  channel: string;
}

/** Two people kept changing the same channel's subscriptions at once. */
class SubscriptionsConflict extends CodedError {
  readonly code = "SUBSCRIPTIONS_CONFLICT";

  constructor() {
    super("Someone else is changing this channel's subscriptions. Try again.");
  }
}

/** A channel's subscriptions before and after a change. */
export interface Changed {
  before: readonly Subscription[];
  after: readonly Subscription[];
}

type List = readonly Subscription[];

/** A delivery is remembered this long, so that its repetition has no second effect, in seconds. */
const ONCE_SECONDS = 24 * 3600;
const CONFLICT_TRIES = 20;
const CONFLICT_WAIT_MS = 2;

/**
 * KEYS: the workspace's hash, mark of the delivery, workspaces. ARGV: channel, json read or '', json or '', seconds of
 * the mark, workspace.
 * Writes a channel's subscriptions: 1 written, 0 another came between, 2 this delivery was seen before.
 */
const WRITE = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 2 end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], '1', 'EX', ARGV[4])
redis.call('SADD', KEYS[3], ARGV[5])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1`;

/** What channels have subscribed to: one hash for each workspace, with a field for each channel. */
export class SubscriptionStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** A channel's, by number. */
  async of({ team, channel }: ChannelRef): Promise<Subscription[]> {
    return parse(await guarded(this.#redis.hget(this.#key(team), channel)));
  }

  /** Those of all channels of a workspace. */
  async all(team: string): Promise<Subscription[]> {
    return (await guarded(this.#redis.hvals(this.#key(team)))).flatMap(parse);
  }

  /** Workspaces in which somebody has subscribed to something, now or before. */
  async teams(): Promise<string[]> {
    return await guarded(this.#redis.smembers(this.#teams));
  }

  /** Whether anyone wants to hear of runs that were started elsewhere. */
  async wantsExternalRuns(team: string): Promise<boolean> {
    return (await this.all(team)).some(({ all }) => all);
  }

  /**
   * Changes a channel's by a pure function, which may be called again on a newer list; one that returns what it
   * was given writes nothing. `delivery` has an effect once: undefined if it had it before.
   * @throws {StoreUnavailable} {@link SubscriptionsConflict}
   */
  async change(
    { team, channel }: ChannelRef,
    delivery: string,
    by: (list: List) => List,
  ): Promise<Changed | undefined> {
    const keys = [this.#key(team), `${this.#prefix}:once:${team}:notify:${delivery}`, this.#teams];
    for (let tries = 0; tries < CONFLICT_TRIES; tries++) {
      const json = (await guarded(this.#redis.hget(this.#key(team), channel))) ?? "";
      const before = parse(json);
      const after = by(before);
      if (after === before) return { before, after };
      const next = after.length > 0 ? JSON.stringify(after) : "";
      const args = [channel, json, next, ONCE_SECONDS, team];
      const written = await guarded(runScript(this.#redis, WRITE, keys, args));
      if (written === 2) return undefined;
      if (written === 1) return { before, after };
      await sleep(Math.random() * CONFLICT_WAIT_MS * (tries + 1));
    }
    throw new SubscriptionsConflict();
  }

  #key(team: string): string {
    return `${this.#prefix}:subs:${team}`;
  }

  get #teams(): string {
    return `${this.#prefix}:subscribers`;
  }
}

const parse = (json: string | null): Subscription[] => (json ? (JSON.parse(json) as Subscription[]) : []);
