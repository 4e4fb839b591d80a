import type { Redis } from "ioredis";
import { type EndedRun, WEEK_MS } from "../notices/week.ts";
import { guarded, runScript } from "./redis.ts";

/** A digest that is posted a day late still finds its whole week, in ms. */
export const HISTORY_MS = WEEK_MS + 24 * 3600_000;
/** Runs of one workspace; the oldest go first. */
const HISTORY_MOST = 5_000;
/** What is too old goes with the next that is added, some at a time. */
const TRIMMED_AT_ONCE = 200;

/**
 * KEYS: entries, order. ARGV: run, json, now, oldest, most, how many to trim, seconds.
 * Adds a run unless it is there, and lets go of what is too old or too much.
 */
const ADD = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4], 'LIMIT', 0, ARGV[6])
local over = math.min(redis.call('ZCARD', KEYS[2]) - ARGV[5], tonumber(ARGV[6]))
if #gone == 0 and over > 0 then gone = redis.call('ZRANGE', KEYS[2], 0, over - 1) end
for _, run in ipairs(gone) do
  redis.call('HDEL', KEYS[1], run)
  redis.call('ZREM', KEYS[2], run)
end
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[7])
return 1`;

/** The runs of a workspace that ended in the last days: what its weekly digests are reckoned from. */
export class HistoryStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #most: number;

  constructor(redis: Redis, prefix: string, most = HISTORY_MOST) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#most = most;
  }

  /** Takes a run down, once, however often this is called. */
  async add(team: string, entry: EndedRun): Promise<void> {
    const key = this.#key(team);
    const seconds = Math.ceil(HISTORY_MS / 1000);
    const args = [entry.run, JSON.stringify(entry), entry.at, entry.at - HISTORY_MS, this.#most];
    await guarded(runScript(this.#redis, ADD, [key, `${key}:order`], [...args, TRIMMED_AT_ONCE, seconds]));
  }

  /** All that are kept, in no order. */
  async of(team: string): Promise<EndedRun[]> {
    const all = await guarded(this.#redis.hvals(this.#key(team)));
    return all.map((json) => JSON.parse(json) as EndedRun);
  }

  #key(team: string): string {
    return `${this.#prefix}:history:${team}`;
  }
}
