import type { Redis } from "ioredis";
import type { Person } from "../runs/run.ts";
import type { ChannelTrouble } from "./channel-outbox.ts";
import { guarded, runScript } from "./redis.ts";
import type { ChannelRef } from "./subscriptions.ts";

/** That a channel gets a digest each week, and how far the next one is. */
export interface Digest extends ChannelRef {
  by: Person;
  /** When the next one is to be posted: the end of its week. */
  dueAt: number;
  /** A post is, or was, on its way since then. */
  tried?: number;
  /** Why the last one could not be posted. */
  trouble?: ChannelTrouble;
}

/** A delivery is remembered this long, so that its repetition has no second effect, in seconds. */
const ONCE_SECONDS = 24 * 3600;

/**
 * KEYS: digests, mark or nothing. ARGV: channel, json read or '', json or '', seconds of the mark.
 * Writes what a channel gets: 1 written, 0 another was written meanwhile, 2 this delivery was seen before.
 */
const WRITE = `
if KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1 then return 2 end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if KEYS[2] then redis.call('SET', KEYS[2], '1', 'EX', ARGV[4]) end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1`;

/** Which channels get a digest: one hash with a field for each. */
export class DigestStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async of(channel: ChannelRef): Promise<Digest | undefined> {
    return parse(await guarded(this.#redis.hget(this.#key, member(channel))));
  }

  /** Those of all workspaces. */
  async all(): Promise<Digest[]> {
    const all = await guarded(this.#redis.hvals(this.#key));
    return all.map(parse).filter((digest) => digest !== undefined);
  }

  /**
   * Writes what takes the place of what was read; undefined on either side: none. `delivery` has an effect once.
   * false: somebody else wrote meanwhile, or this delivery was seen before.
   */
  async change(
    channel: ChannelRef,
    held: Digest | undefined,
    next: Digest | undefined,
    delivery?: string,
  ): Promise<boolean> {
    const mark = delivery ? [`${this.#prefix}:once:${channel.team}:digest:${delivery}`] : [];
    const keys = [this.#key, ...mark];
    const args = [member(channel), json(held), json(next), ONCE_SECONDS];
    return (await guarded(runScript(this.#redis, WRITE, keys, args))) === 1;
  }

  get #key(): string {
    return `${this.#prefix}:digests`;
  }
}

const parse = (text: string | null): Digest | undefined => (text ? (JSON.parse(text) as Digest) : undefined);
const json = (digest: Digest | undefined): string => (digest ? JSON.stringify(digest) : "");
const member = ({ team, channel }: ChannelRef): string => `${team}:${channel}`;
