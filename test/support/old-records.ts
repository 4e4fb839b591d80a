import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import type { ChannelOptions, Delivery } from "../../sim/slack/types.ts";
import type { World } from "./world.ts";

/** Records that an older version left in Redis, brought into a world of today (test/fixtures/README.md). */

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

export interface Loaded {
  /** Arga's ids, by the name of the record. */
  argaIds: Map<string, string>;
  /** What Slack tried to deliver before the bot was there. */
  deliveries: Delivery[];
}

type Place = Pick<World, "slack" | "arga" | "redis">;

/** Makes at Arga and in Slack what the records speak of, and then puts the records into Redis. */
export async function loadOld(place: Place, { channels, records, redis }: OldGroup): Promise<Loaded> {
  const { slack } = place;
  const names = new Names(Date.now());
  names.set("__SLACK__", slack.url).set("__TEAM__", slack.teamId);
  for (const user of ["alice", "bob", "carol"]) names.set(`__USER:${user}__`, slack.user(user).id);
  for (const { name } of channels) names.set(`__CHANNEL:${name}__`, slack.channel(name).id);
  const loaded: Loaded = { argaIds: new Map(), deliveries: [] };
  for (const record of records) {
    const argaId = record.arga ? await makeAtArga(place, record, record.arga, names) : randomUUID();
    names.set(`__ARGA:${record.name}__`, argaId);
    loaded.argaIds.set(record.name, argaId);
    await makeInSlack(place, record, names);
    if (record.delivery) loaded.deliveries.push(await deliver(place, record, record.delivery, names));
  }
  const client = new Redis(place.redis.url);
  for (const [key, entry] of Object.entries(redis)) await put(client, names.text(key), entry, names);
  client.disconnect();
  return loaded;
}

/** What the fixture's placeholders stand for, here and now. */
class Names {
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

async function makeAtArga(
  { arga }: Place,
  { name }: OldRecord,
  { post, body, then }: NonNullable<OldRecord["arga"]>,
  names: Names,
): Promise<string> {
  const call = async (method: string, path: string, said?: unknown): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${arga.key}`, "content-type": "application/json" };
    const sent = said === undefined ? {} : { body: JSON.stringify(said) };
    const answer = await fetch(`${arga.url}${path}`, { method, headers, ...sent });
    if (!answer.ok) throw new Error(`${name}: ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  };
  const made = await call("POST", post, body);
  const id = String(made.run_id ?? made.sandbox_id ?? made.id);
  for (const act of then) await call(act.method ?? "POST", act.path.replace("{id}", id), act.body);
  const end = arga.runs.get(id)?.expiresAt;
  if (end) names.set(`__END:${name}__`, String(end));
  return id;
}

async function makeInSlack({ slack }: Place, record: OldRecord, names: Names): Promise<void> {
  const { name, id, kind, source, card, posts } = record;
  const setTs = (what: string, ts: string): void => {
    names.set(`__TS:${name}.${what}__`, ts).set(`__BARE:${name}.${what}__`, ts.replace(".", ""));
  };
  const asked = source && (await slack.postAsUser("alice", source.channel, `${name} is asked from here`));
  if (asked) setTs("source", asked.message.ts);
  // Where the bot cannot post any more, its old card is of no use to it.
  if (card === "none") return setTs("card", "1.2");
  for (const { key, role, in: where, channel = name, text } of posts) {
    const at = (where === "source" && source?.channel) || channel;
    const below = asked?.message.ts ?? (where === "thread" ? names.get(`__TS:${name}.card__`) : undefined);
    const payload = { run_id: id, kind, role, key: names.text(key) };
    const ts = await postAsBot(slack, {
      channel: slack.channel(at).id,
      text,
      metadata: { event_type: "arga_run", event_payload: payload },
      ...(below && where !== "channel" ? { thread_ts: below } : {}),
    });
    if (role === "card") setTs("card", ts);
  }
}

async function postAsBot(
  { apiUrl, botToken }: World["slack"],
  body: Record<string, unknown>,
): Promise<string> {
  const headers = { authorization: `Bearer ${botToken}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  const answer = (await (await fetch(`${apiUrl}chat.postMessage`, request)).json()) as { ts?: string };
  if (!answer.ts) throw new Error(`a message was not taken: ${JSON.stringify(answer)}`);
  return answer.ts;
}

/** Slack brings a command that the older version took already, which remembered it by its trigger. */
async function deliver({ slack }: Place, { name }: OldRecord, text: string, names: Names): Promise<Delivery> {
  const delivery = await slack.command("alice", name, "/arga", text);
  const trigger = createHash("sha256").update(String(delivery.payload.trigger_id)).digest("base64url");
  names.set(`__TRIGGER:${name}__`, trigger.slice(0, 16));
  return delivery;
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
