import type { Redis } from "ioredis";
import type { Pending } from "../notices/batch.ts";
import type { Batch, Notice } from "../notices/notices.ts";
import type { RunRef } from "../runs/run.ts";
import { guarded, runScript } from "./redis.ts";
import type { ChannelRef } from "./subscriptions.ts";

/** A message that is to be posted next; `tried`: a post is, or was, on its way since then. */
export interface OutgoingNotice extends Batch {
  tried?: number;
}

/** Why the last notice could not be posted, in Slack's word. */
export interface ChannelTrouble {
  error: string;
  at: number;
}

/** What a channel is still to hear. */
export interface ChannelOutbox {
  /** Counts what was taken or moved; adding a notice is none of that. */
  version: number;
  /** Oldest first. */
  pending: Pending[];
  sending?: OutgoingNotice;
  trouble?: ChannelTrouble;
}

/** What becomes of an outbox; `taken` of the oldest that are pending are not pending any more. */
export interface OutboxMove {
  sending?: OutgoingNotice | undefined;
  trouble?: ChannelTrouble | undefined;
  taken?: number | "all";
}

/** What a run told a channel is remembered this long, in seconds; a run's record lives no longer. */
const NOTICED_SECONDS = 30 * 24 * 3600;
/** How long a channel's last trouble is told of, in seconds. */
const IDLE_SECONDS = 30 * 24 * 3600;
/** More are another message. */
const PENDING_READ = 500;

/**
 * KEYS: pending, mark, busy. ARGV: json, seconds of the mark, member of busy.
 * Puts a notice into an outbox unless it was in it before: 1 put, 0 not.
 */
const ADD = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[2], '1', 'EX', ARGV[2])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[3])
return 1`;

/** KEYS: outbox, pending. ARGV: how many of what is pending. */
const READ = `
return {redis.call('HMGET', KEYS[1], 'version', 'sending', 'trouble'), redis.call('LRANGE', KEYS[2], 0, ARGV[1] - 1)}`;

/**
 * KEYS: outbox, pending, busy. ARGV: version read, sending or '', trouble or '', how many were taken or -1 for all,
 * member of busy, seconds.
 * Writes the next version, unless another was written meanwhile: 1 written, 0 not.
 */
const MOVE = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'sending', ARGV[2], 'trouble', ARGV[3])
if ARGV[4] == '-1' then redis.call('DEL', KEYS[2]) else redis.call('LTRIM', KEYS[2], ARGV[4], -1) end
if ARGV[2] == '' and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('SREM', KEYS[3], ARGV[5])
  redis.call('EXPIRE', KEYS[1], ARGV[6])
else
  redis.call('SADD', KEYS[3], ARGV[5])
  redis.call('PERSIST', KEYS[1])
end
return 1`;

/**
 * An outbox for each channel: a list of what is pending and a hash (`version`, `sending`, `trouble`). Notices are
 * only ever added at the end and taken from the beginning, so that adding never comes between reading and taking.
 */
export class ChannelOutboxStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Puts a notice into a channel's outbox; false if that channel has, or had, it already. */
  async add(to: ChannelRef, notice: Notice): Promise<boolean> {
    const pending: Pending = { notice, since: Date.now() };
    const mark = `${this.#prefix}:noticed:${to.team}:${to.channel}:${notice.run}:${notice.key}`;
    const keys = [this.#pending(to), mark, this.#busy];
    const args = [JSON.stringify(pending), NOTICED_SECONDS, member(to)];
    return (await guarded(runScript(this.#redis, ADD, keys, args))) === 1;
  }

  async get(of: ChannelRef): Promise<ChannelOutbox> {
    const keys = [this.#key(of), this.#pending(of)];
    const read = guarded(runScript(this.#redis, READ, keys, [PENDING_READ]));
    const [[version, sending, trouble], list] = (await read) as [(string | null)[], string[]];
    return {
      version: Number(version ?? 0),
      pending: list.map((json) => JSON.parse(json) as Pending),
      ...(sending ? { sending: JSON.parse(sending) as OutgoingNotice } : {}),
      ...(trouble ? { trouble: JSON.parse(trouble) as ChannelTrouble } : {}),
    };
  }

  /** false: someone else moved it since it was read. */
  async move(of: ChannelRef, version: number, { sending, trouble, taken = 0 }: OutboxMove): Promise<boolean> {
    const keys = [this.#key(of), this.#pending(of), this.#busy];
    const args = [
      version,
      sending ? JSON.stringify(sending) : "",
      trouble ? JSON.stringify(trouble) : "",
      taken === "all" ? -1 : taken,
      member(of),
      IDLE_SECONDS,
    ];
    return (await guarded(runScript(this.#redis, MOVE, keys, args))) === 1;
  }

  /** Every outbox with something in it, as its queue names it. */
  async live(): Promise<RunRef[]> {
    const members = await guarded(this.#redis.smembers(this.#busy));
    return members.map((name) => {
      const cut = name.indexOf(":");
      return { team: name.slice(0, cut), id: name.slice(cut + 1) };
    });
  }

  #key({ team, channel }: ChannelRef): string {
    return `${this.#prefix}:board:${team}:${channel}`;
  }

  #pending(of: ChannelRef): string {
    return `${this.#key(of)}:pending`;
  }

  get #busy(): string {
    return `${this.#prefix}:boards`;
  }
}

const member = ({ team, channel }: ChannelRef): string => `${team}:${channel}`;
