import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { guarded } from "../store/redis.ts";

/** One of Slack's limits: at most `limit` calls in any `windowMs` (docs/references/slack.md#rate-limits). */
export interface Lane {
  name: string;
  limit: number;
  windowMs: number;
}

/**
 * Slack counts when calls arrive, we when they leave: each lane keeps some distance from Slack's figure, so that
 * a call that travelled slowly and one that travelled fast do not meet.
 */
export const postLane = (channel: string): Lane => ({ name: `post:${channel}`, limit: 1, windowMs: 1_200 });
/** All posts of a workspace together: Slack takes "several hundred a minute"; spread, so that none has to wait long. */
const postsLane: Lane = { name: "chat.postMessage", limit: 24, windowMs: 6_000 };
export const editLane: Lane = { name: "chat.update", limit: 45, windowMs: 60_000 };
export const readLane = (method: string): Lane => ({ name: method, limit: 45, windowMs: 60_000 });
export const personalLane: Lane = { name: "chat.postEphemeral", limit: 90, windowMs: 60_000 };

/** Who asks, so that asking again keeps the place in the line; the urgent stand at its head. */
export interface Caller {
  team: string;
  who: string;
  urgent?: boolean;
}

/**
 * KEYS: used, waiting, due, blocked until. ARGV: now, who, limit, window, urgent (0/1), a name for this call.
 * Returns 0 if the call may go now, or for how many ms it is no use to ask again.
 * `waiting` is the line, in the order of arrival with the urgent first; `due` says when each will ask again, so
 * that one who never does (its process died, its call is not needed any more) loses its place.
 */
const ACQUIRE = `
local now, who, limit, window = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - 5000)) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
if ARGV[5] == '1' then redis.call('ZADD', KEYS[2], 'LT', now - 1e12, who)
else redis.call('ZADD', KEYS[2], 'NX', now, who) end
local rank = redis.call('ZRANK', KEYS[2], who)
local used = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local count = #used / 2
local blocked = tonumber(redis.call('GET', KEYS[4]) or '0')
local at = now
local ahead = rank - (limit - count)
if ahead >= 0 then
  local rounds = math.floor(ahead / limit)
  local i = ahead % limit
  local base = i < count and tonumber(used[i * 2 + 2]) or now
  at = base + window * (rounds + 1)
end
if blocked > at then at = blocked end
if at <= now then
  redis.call('ZREM', KEYS[2], who)
  redis.call('ZREM', KEYS[3], who)
  redis.call('ZADD', KEYS[1], now, ARGV[6])
  redis.call('PEXPIRE', KEYS[1], window)
  return 0
end
redis.call('ZADD', KEYS[3], at, who)
redis.call('PEXPIRE', KEYS[2], at - now + 60000)
redis.call('PEXPIRE', KEYS[3], at - now + 60000)
return math.ceil(at - now)`;

/** KEYS: blocked until. ARGV: until, for how many ms. A later end stays. */
const BLOCK = `
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * Keeps Slack's limits for all processes together, in Redis. A caller that is too early is told when to come
 * back instead of being kept; it keeps its place in the line meanwhile. First come, first served shares a lane
 * fairly between runs, because a run stands in it only once.
 *
 * Our own and not a library's: those at hand count (`rate-limiter-flexible`), but keep no line, so that the
 * loudest wins and ends cannot go first.
 */
export class Pacer {
  readonly #redis: Redis;
  readonly #prefix: string;
  /** Process ids repeat: in containers, they are all 1. */
  readonly #id = randomUUID();
  #calls = 0;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** 0: go now, the call is counted. Otherwise the milliseconds until it is of use to ask again. */
  async acquire(lane: Lane, caller: Caller): Promise<number> {
    const base = `${this.#prefix}:pace:${caller.team}:${lane.name}`;
    const keys = [`${base}:used`, `${base}:waiting`, `${base}:due`, `${base}:blocked`];
    const call = `${this.#id}.${this.#calls++}`;
    const args = [Date.now(), caller.who, lane.limit, lane.windowMs, caller.urgent ? 1 : 0, call];
    return Number(await guarded(() => this.#redis.eval(ACQUIRE, keys.length, ...keys, ...args)));
  }

  /** A post counts in its channel and in the workspace. Returns as {@link Pacer.acquire}. */
  async acquirePost(channel: string, caller: Caller): Promise<number> {
    const wait = await this.acquire(postLane(channel), caller);
    return wait > 0 ? wait : await this.acquire(postsLane, caller);
  }

  /** Slack said 429: this lane of this workspace rests, and no other. */
  async block(lane: Lane, team: string, ms: number): Promise<void> {
    const until = Date.now() + ms;
    const key = `${this.#prefix}:pace:${team}:${lane.name}:blocked`;
    await guarded(() => this.#redis.eval(BLOCK, 1, key, until, Math.ceil(ms)));
  }
}
