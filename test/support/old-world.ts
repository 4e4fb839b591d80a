import { createHash, randomUUID } from "node:crypto";
import type { Delivery } from "../../sim/slack/types.ts";
import { Names, type OldGroup, type OldRecord, putAll } from "./old-records.ts";
import type { World } from "./world.ts";

/** The Arga and the workspace that an older version's records speak of. */

export interface Loaded {
  /** Arga's ids, by the name of the record. */
  argaIds: Map<string, string>;
  /** How many requests Arga had had by then. */
  requests: number;
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
  const loaded: Loaded = { argaIds: new Map(), requests: 0, deliveries: [] };
  for (const record of records) {
    const argaId = record.arga ? await makeAtArga(place, record, record.arga, names) : randomUUID();
    names.set(`__ARGA:${record.name}__`, argaId);
    loaded.argaIds.set(record.name, argaId);
    await makeInSlack(place, record, names);
    if (record.delivery) loaded.deliveries.push(await deliver(place, record, record.delivery, names));
  }
  loaded.requests = place.arga.requests.length;
  await putAll(place.redis.path, redis, names);
  return loaded;
}

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
