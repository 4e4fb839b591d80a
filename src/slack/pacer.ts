import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { guarded, runScript } from "../store/redis.ts";

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
/** Of these, what is said of a run that is over beside its end: other runs' ends wait behind it. */
const besideEndLane: Lane = { name: "chat.postMessage:beside-end", limit: 4, windowMs: postsLane.windowMs };
/**
 * Slack's minute, in ms, and so long as a burst may be held up on its way: else it would arrive together with the next one,
 * which leaves a minute later.
 */
const MINUTE_MS = 60_000 + 3_000;
export const editLane: Lane = { name: "chat.update", limit: 45, windowMs: MINUTE_MS };
/** One person's edits: never all of a minute's, or somebody else's card would wait for the next one. Turns may use more. */
const PERSON_MOST = { usual: 36, turn: 43 };
const editsLane = (person: string, limit: number): Lane => ({
  name: `chat.update:${person}`,
  limit,
  windowMs: editLane.windowMs,
});

/** What is left of a minute's edits for what people don't wait for: steps, and that Arga is at it. */
export interface Spare {
  /** Edits of all runs together. */
  limit: number;
  /** Milliseconds between two edits of one run, so that each has its share. */
  gapMs: number;
}

const SPARE_MOST = 30;
/** So few together may show each step: the minute has enough for them. */
const FEW = 3;
const SPARE_GAP_MS = { least: 1_000, most: 60_000 };

/** Each of the `young` runs may come to a turn within the minute, and that edit is kept for it. */
export function spareEdits(young: number): Spare {
  const limit = Math.min(SPARE_MOST, Math.max(1, PERSON_MOST.turn - young));
  const share = (Math.max(0, young - FEW) * editLane.windowMs) / limit;
  return { limit, gapMs: Math.min(SPARE_GAP_MS.most, Math.max(SPARE_GAP_MS.least, share)) };
}

const spareLane = (limit: number): Lane => ({
  name: "chat.update:spare",
  limit,
  windowMs: editLane.windowMs,
});
export const readLane = (method: string): Lane => ({ name: method, limit: 45, windowMs: MINUTE_MS });
export const filesLane = (method: string): Lane => ({ name: method, limit: 90, windowMs: MINUTE_MS });
export const personalLane: Lane = { name: "chat.postEphemeral", limit: 90, windowMs: MINUTE_MS };

/** Who asks, so that asking again keeps the place in the line. */
export interface Caller {
  team: string;
  who: string;
  /** For whom: whoever has many calls in a line lets those of others pass in between. By default it's `who`. */
  forWhom?: string;
  /** Stands at the head of the line. */
  urgent?: boolean;
  /** Stands at its end. */
  minor?: boolean;
  /** Of a run that is over, but not its end. */
  besideEnd?: boolean;
}

/** Which part of a line a call stands in: ends first, then what people wait for, then notices. */
const RANKS = { urgent: 0, usual: 1, minor: 2 } as const;

/**
 * KEYS, for each lane: used, waiting, due, blocked until, counts. ARGV: now, who, rank, a name for this call, for whom,
 * and for each lane limit and window. Returns 0 if the call may go now, which counts it in all lanes, or for how many ms it is
 * no use to ask again.
 * `waiting` is the line: by rank, then by how many calls of the same rank were waiting for the same person, then by
 * arrival. So the first call of each person stands before anybody's second one. `counts` has how many there are of each
 * rank and person. `due` says when each will ask again, so that one who never does (its process died, its call is not needed any more) loses its place. Whoever has to wait in
 * a lane keeps its place in those before, and does not stand in those behind: others may go there.
 */
const ACQUIRE = `
local now, rank, call = tonumber(ARGV[1]), tonumber(ARGV[3]), ARGV[4]
local who = ARGV[5] .. '|' .. ARGV[2]
local function rank_of(score) return math.floor(tonumber(score) / 1e15) end
local function count_of(score, member) return rank_of(score) .. ':' .. string.match(member, '^[^|]*') end
local function leave(lane, member)
  local _, waiting, due, _, counts = unpack(KEYS, lane * 5 - 4, lane * 5)
  local score = redis.call('ZSCORE', waiting, member)
  redis.call('ZREM', due, member)
  if not score then return end
  redis.call('ZREM', waiting, member)
  local count = count_of(score, member)
  if redis.call('HINCRBY', counts, count, -1) <= 0 then redis.call('HDEL', counts, count) end
end
local function join(lane)
  local _, waiting, _, _, counts = unpack(KEYS, lane * 5 - 4, lane * 5)
  local score = redis.call('ZSCORE', waiting, who)
  if score and rank_of(score) <= rank then return end
  if score then leave(lane, who) end
  local ahead = redis.call('HINCRBY', counts, rank .. ':' .. ARGV[5], 1) - 1
  redis.call('ZADD', waiting, rank * 1e15 + math.min(ahead, 900) * 1e12 + (now - 1.7e12), who)
end
local function free_at(lane)
  local used, waiting, due, blocked = unpack(KEYS, lane * 5 - 4, lane * 5)
  local limit, window = tonumber(ARGV[lane * 2 + 4]), tonumber(ARGV[lane * 2 + 5])
  redis.call('ZREMRANGEBYSCORE', used, '-inf', now - window)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now - 5000)) do leave(lane, gone) end
  join(lane)
  local calls = redis.call('ZRANGE', used, 0, -1, 'WITHSCORES')
  local count = #calls / 2
  local ahead = redis.call('ZRANK', waiting, who) - (limit - count)
  local at = now
  if ahead >= 0 then
    local i = ahead % limit
    local base = i < count and tonumber(calls[i * 2 + 2]) or now
    at = base + window * (math.floor(ahead / limit) + 1)
  end
  return math.max(at, tonumber(redis.call('GET', blocked) or '0'))
end
local function wait_in(lane, at)
  local _, waiting, due, _, counts = unpack(KEYS, lane * 5 - 4, lane * 5)
  redis.call('ZADD', due, at, who)
  for _, key in ipairs({ waiting, due, counts }) do redis.call('PEXPIRE', key, at - now + 60000) end
end
local lanes = #KEYS / 5
for lane = 1, lanes do
  local at = free_at(lane)
  if at > now then
    for each = 1, lane do wait_in(each, at) end
    return math.ceil(at - now)
  end
end
for lane = 1, lanes do
  leave(lane, who)
  local used = KEYS[lane * 5 - 4]
  redis.call('ZADD', used, now, call)
  redis.call('PEXPIRE', used, ARGV[lane * 2 + 5])
end
return 0`;

/** KEYS: blocked until. ARGV: until, for how many ms. A later end stays. */
const BLOCK = `
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * Keeps Slack's limits for all processes together, in Redis. A caller that is too early is told when to come
 * back instead of being kept; it keeps its place in the line meanwhile. People share a lane fairly: who asks for much
 * waits for it, and nobody else does.
 *
 * Our own and not a library's: those at hand count (`rate-limiter-flexible`), but keep no line, so that the
 * loudest wins and ends cannot go first.
 */
export class Pacer {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #now: () => number;
  /** Process ids repeat: in containers, they are all 1. */
  readonly #id = randomUUID();
  #calls = 0;

  /** `now` is the time of all processes, in ms since the epoch. */
  constructor(redis: Redis, prefix: string, now: () => number = () => Date.now()) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#now = now;
  }

  /** 0: go now, the call is counted. Otherwise the milliseconds until it is of use to ask again. */
  async acquire(lane: Lane, caller: Caller): Promise<number> {
    return await this.#acquire([lane], caller);
  }

  /** A post counts in its channel and in the workspace. Returns as {@link Pacer.acquire}. */
  async acquirePost(channel: string, caller: Caller): Promise<number> {
    const lanes = [postLane(channel), postsLane];
    return await this.#acquire(caller.besideEnd ? [...lanes, besideEndLane] : lanes, caller);
  }

  /**
   * An edit counts for its person and in the workspace; one that nobody waits for also in what is `spare`. A `turn` of a
   * run is what people wait for most. Returns as {@link Pacer.acquire}.
   */
  async acquireEdit(caller: Caller & { forWhom: string }, use?: "turn" | Spare): Promise<number> {
    const most = use === "turn" ? PERSON_MOST.turn : PERSON_MOST.usual;
    const lanes = [editsLane(caller.forWhom, most), editLane];
    if (use === undefined || use === "turn") return await this.#acquire(lanes, caller);
    return await this.#acquire([spareLane(use.limit), ...lanes], { ...caller, minor: true });
  }

  async #acquire(
    lanes: readonly Lane[],
    { team, who, forWhom = who, urgent, minor }: Caller,
  ): Promise<number> {
    const keys = lanes.flatMap((lane) => {
      const base = this.#base(team, lane);
      return [`${base}:used`, `${base}:waiting`, `${base}:due`, `${base}:blocked`, `${base}:counts`];
    });
    const limits = lanes.flatMap(({ limit, windowMs }) => [limit, windowMs]);
    const call = `${this.#id}.${this.#calls++}`;
    const rank = urgent ? RANKS.urgent : minor ? RANKS.minor : RANKS.usual;
    const args = [this.#now(), who, rank, call, forWhom.replaceAll("|", ""), ...limits];
    return Number(await guarded(runScript(this.#redis, ACQUIRE, keys, args)));
  }

  /** Slack said 429: this lane of this workspace rests, and no other. */
  async block(lane: Lane, team: string, ms: number): Promise<void> {
    const until = this.#now() + ms;
    const key = `${this.#base(team, lane)}:blocked`;
    await guarded(runScript(this.#redis, BLOCK, [key], [until, Math.ceil(ms)]));
  }

  #base(team: string, { name }: Lane): string {
    return `${this.#prefix}:pace:${team}:${name}`;
  }
}
