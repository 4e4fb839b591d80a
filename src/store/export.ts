import type { Redis } from "ioredis";
import { VERSION } from "../base/version.ts";
import { ownerOf } from "./prefix-claim.ts";
import { FORMAT, type Line } from "./transfer-lines.ts";

const SCAN_COUNT = 500;

/**
 * Everything of a bot that another Redis needs to go on with, a line each: no caches, queues or signatures, which make
 * themselves anew, and no addresses at which Slack takes answers. A record is read in one step; the whole is not, so
 * the bot stands still while it moves.
 */
export async function* exported(redis: Redis, prefix: string): AsyncGenerator<Line> {
  let lines = 0;
  for await (const line of allLines(redis, prefix)) {
    lines++;
    yield line;
  }
  yield { type: "end", lines };
}

async function* allLines(redis: Redis, prefix: string): AsyncGenerator<Line> {
  yield { type: "arga-slack", format: FORMAT, version: VERSION, at: Date.now() };
  const bot = await ownerOf(redis, prefix);
  if (bot !== null) yield { type: "bot", bot };
  for (const [family, read] of Object.entries(FAMILIES))
    for (const name of await names(redis, `${prefix}:`, family)) yield* await read(redis, prefix, name);
}

/** By SCAN, which may bring a key twice. */
async function names(redis: Redis, start: string, family: string): Promise<Set<string>> {
  const found = new Set<string>();
  const pattern = `${start.replace(/[[\]*?\\]/g, "\\$&")}${family}*`;
  for await (const keys of redis.scanStream({ match: pattern, count: SCAN_COUNT }))
    for (const key of keys as string[]) {
      const name = key.slice(start.length);
      if (name === family || name.startsWith(`${family}:`)) found.add(name);
    }
  return found;
}

type Read = (redis: Redis, prefix: string, name: string) => Promise<Line[]>;

/**
 * Families of keys that no line is made of: indexes and lists that an import makes anew, and caches, queues and pacing,
 * which the bot does.
 */
export const LEFT_OUT = [
  ...["live", "ids", "ids-until", "subscribers", "boards"],
  ...["known", "queue", "pace", "follows", "check", "homes", "sweep"],
];

/** Prefixed names of keys, and how what is under them becomes lines. */
export const FAMILIES: Record<string, Read> = {
  run: async (redis, prefix, name) => {
    const key = `${prefix}:${name}`;
    const answers = (await redis.multi().hmget(key, "version", "json").pttl(key).exec()) ?? [];
    const [version, json] = (answers[0]?.[1] ?? []) as (string | null)[];
    if (!json) return [];
    return [{ type: "run", version: Number(version), json: withoutUrls(json), ...kept(answers[1]?.[1]) }];
  },
  subs: async (redis, prefix, name) => {
    const channels = Object.entries(await redis.hgetall(`${prefix}:${name}`));
    const team = name.slice("subs:".length);
    return channels.map(([channel, json]) => ({ type: "subscriptions", team, channel, json }));
  },
  digests: async (redis, prefix, name) => {
    const channels = Object.entries(await redis.hgetall(`${prefix}:${name}`));
    return channels.map(([of, json]) => ({ type: "digest", of, json }));
  },
  history: async (redis, prefix, name) => {
    if (name.endsWith(":order")) return times(redis, prefix, name);
    return (await hashOf(redis, prefix, name)).map((hash) => ({ type: "history", ...hash }));
  },
  board: async (redis, prefix, name) => {
    // The list of one is a key of its own, and there may be one without the other.
    const [, team = "", channel = ""] = name.split(":");
    const key = `${prefix}:board:${team}:${channel}`;
    if (name.endsWith(":pending") && (await redis.exists(key)) === 1) return [];
    const answers = (await redis.multi().hgetall(key).lrange(`${key}:pending`, 0, -1).exec()) ?? [];
    const fields = (answers[0]?.[1] ?? {}) as Record<string, string>;
    return [{ type: "outbox", team, channel, fields, pending: (answers[1]?.[1] ?? []) as string[] }];
  },
  home: async (redis, prefix, name) =>
    (await hashOf(redis, prefix, name)).map((hash) => ({ type: "home", ...hash })),
  noticed: mark,
  settings: mark,
  // A signature is good for minutes, and none is of use elsewhere.
  once: async (redis, prefix, name) => (name.startsWith("once:signed:") ? [] : mark(redis, prefix, name)),
  ends: times,
  unclear: times,
  "homes:lookers": times,
};

interface Hash {
  name: string;
  fields: Record<string, string>;
  until?: number;
}

/** None if it has no fields, as one whose time is up. */
async function hashOf(redis: Redis, prefix: string, name: string): Promise<Hash[]> {
  const key = `${prefix}:${name}`;
  const answers = (await redis.multi().hgetall(key).pttl(key).exec()) ?? [];
  const fields = (answers[0]?.[1] ?? {}) as Record<string, string>;
  return Object.keys(fields).length > 0 ? [{ name, fields, ...kept(answers[1]?.[1]) }] : [];
}

async function mark(redis: Redis, prefix: string, name: string): Promise<Line[]> {
  const key = `${prefix}:${name}`;
  const answers = (await redis.multi().get(key).pttl(key).exec()) ?? [];
  const value = answers[0]?.[1];
  return typeof value === "string" ? [{ type: "mark", name, value, ...kept(answers[1]?.[1]) }] : [];
}

async function times(redis: Redis, prefix: string, name: string): Promise<Line[]> {
  const key = `${prefix}:${name}`;
  const answers = (await redis.multi().zrange(key, "0", "-1", "WITHSCORES").pttl(key).exec()) ?? [];
  return [{ type: "times", name, entries: (answers[0]?.[1] ?? []) as string[], ...kept(answers[1]?.[1]) }];
}

/** Of what Redis says that a key still has, in ms; below 0: no end. */
const kept = (ms: unknown): { until?: number } =>
  typeof ms === "number" && ms > 0 ? { until: Date.now() + ms } : {};

/** Whoever reads an export must not be able to speak as the bot. */
function withoutUrls(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (key !== "reply" || typeof value !== "object" || value === null) return value;
    const { url: _, ...rest } = value as { url?: string };
    return rest;
  });
}
