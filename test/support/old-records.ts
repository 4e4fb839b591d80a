import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import type { ChannelOptions } from "../../sim/slack/types.ts";

/** Records that an older version left in Redis (test/fixtures/README.md). */

/** One run, and what is to become of it, as it is seen from outside. */
export interface OldRecord {
  /** Also the name of the channel that is its own. */
  name: string;
  /** The bot's short id; absent for a run that nobody asked of the bot. */
  id?: string;
  kind?: string;
  /** How it is made at Arga, and what was done to it there before. */
  arga?: { post: string; body: unknown; then: { path: string; method?: string; body?: unknown }[] };
  /** What the bot had posted. */
  posts: { key: string; role: string; in: "channel" | "thread" | "source"; channel?: string; text: string }[];
  /** A message of alice's that it was asked from. */
  source?: { channel: string };
  /** A command of alice's that Slack delivered, and will deliver again. */
  delivery?: string;
  /** What alice types to end it. */
  ask?: "teardown" | "cancel";
  outcome: string;
  /** Keys of what its thread hears, steps left out. */
  thread: string[];
  /** How often its thread hears of each step. */
  steps?: Record<string, number>;
  /** What each person alone is told in its channel. */
  alone: Record<string, string[]>;
  /** Keys of what alice is told directly. */
  direct: string[];
  /** Messages in the thread of its source. */
  also?: number;
  /** What Arga is asked for. */
  acts: string[];
  creates?: true;
  /** It has no card (any more) that can be seen. */
  card?: "none";
  /** All is over and told: its card is not touched any more. */
  settled?: true;
  /** Channels that hear of it. */
  notices?: string[];
}

/** A value, or JSON that is kept as text. */
type Value = string | { json: unknown };

type Entry = { ttl?: number } & (
  | { type: "string"; value: Value }
  | { type: "list" | "set"; value: Value[] }
  | { type: "hash"; value: Record<string, Value> }
  | { type: "zset"; value: [member: string, score: string][] }
);

export interface OldGroup {
  channels: ChannelOptions[];
  records: OldRecord[];
  redis: Record<string, Entry>;
}

const FIXTURE = new URL("../fixtures/redis-0.1.0.json", import.meta.url);

export const oldGroups = JSON.parse(readFileSync(FIXTURE, "utf8")) as Record<string, OldGroup>;

/** What the fixture's placeholders stand for, here and now. */
export class Names {
  readonly #now: number;
  readonly #values = new Map<string, string>();

  constructor(now: number) {
    this.#now = now;
  }

  set(name: string, value: string): this {
    this.#values.set(name, value);
    return this;
  }

  get(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`the fixture names ${name}, which nothing made`);
    return value;
  }

  text(from: string): string {
    return from.replace(TIME, this.#time).replace(/__[A-Z]+(?::[\w.-]+?)?__/g, (name) => this.get(name));
  }

  /** In JSON, times are numbers where they stand alone. */
  value(value: Value): string {
    if (typeof value === "string") return this.text(value);
    const json = JSON.stringify(value.json).replace(/"__NOW__([+-][\d.]+)"/g, this.#time);
    return this.text(json.replace(/"(__END:[\w-]+?__)"/g, (_, name: string) => this.get(name)));
  }

  readonly #time = (_: string, offset: string): string => String(this.#now + Number(offset));
}

const TIME = /__NOW__([+-][\d.]+)/g;

/** Puts a dump into Redis. */
export async function putAll(path: string, dump: OldGroup["redis"], names: Names): Promise<void> {
  const redis = new Redis(path);
  for (const [key, entry] of Object.entries(dump)) await put(redis, names.text(key), entry, names);
  redis.disconnect();
}

async function put(redis: Redis, key: string, entry: Entry, names: Names): Promise<void> {
  const value = (one: Value): string => names.value(one);
  switch (entry.type) {
    case "string":
      await redis.set(key, value(entry.value));
      break;
    case "list":
      await redis.rpush(key, ...entry.value.map(value));
      break;
    case "set":
      await redis.sadd(key, ...entry.value.map(value));
      break;
    case "hash":
      await redis.hset(
        key,
        ...Object.entries(entry.value).flatMap(([field, one]) => [names.text(field), value(one)]),
      );
      break;
    case "zset":
      await redis.zadd(
        key,
        ...entry.value.flatMap(([member, score]) => [scoreOf(names.text(score)), names.text(member)]),
      );
  }
  if (entry.ttl !== undefined) await redis.expire(key, entry.ttl);
}

/** BullMQ keeps a delayed job's time with twelve bits below it. */
const scoreOf = (text: string): string =>
  text.startsWith("4096*") ? String(4096 * Number(text.slice(5))) : text;
