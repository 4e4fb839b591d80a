import { startArga } from "../sim/arga/server.ts";
import { type Slack, startSlack } from "../sim/slack/server.ts";
import { redisOnPort } from "./processes.ts";
import type { Place } from "./seed.ts";

/** Slack's clock. */
interface Clock {
  /** How far it is put forward, in ms. */
  ahead: number;
}

/** A workspace whose clock can be put forward, an Arga where nothing moves by itself, and a Redis: all that test runs need. */
export async function startTown(channels: number) {
  const clock: Clock = { ahead: 0 };
  const names = Array.from({ length: channels }, (_, n) => `c${n}`);
  const [slack, arga, redis] = await Promise.all([
    startSlack({
      now: () => Date.now() + clock.ahead,
      users: ["alice"],
      channels: names.map((name) => ({ name, members: ["alice"] })),
    }),
    startArga({ speed: 1, runSeconds: 28_800, plan: "team" }),
    redisOnPort(),
  ]);
  return { slack, arga, redis, clock, names };
}

/** Of a channel, without waiting. */
const BURST = 3;

/** Posts cards as the bot does, but for what is on them. Nobody waits for Slack's limits here: its clock is put forward. */
export async function postCards(
  slack: Slack,
  channels: readonly string[],
  count: number,
  clock: Clock,
): Promise<Place[]> {
  const places: Place[] = [];
  for (let n = 0; n < count; n++) {
    if (n % 100 === 0) clock.ahead += 61_000;
    if (n % (channels.length * BURST) === 0) clock.ahead += 4_000;
    places.push(await postCard(slack, channels[n % channels.length] ?? "", n));
  }
  clock.ahead += 61_000;
  return places;
}

async function postCard(slack: Slack, name: string, n: number): Promise<Place> {
  const channel = slack.channel(name).id;
  const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: "POST",
    headers: { authorization: `Bearer ${slack.botToken}`, "content-type": "application/json" },
    body: JSON.stringify({ channel, text: `card ${n}` }),
  });
  const { ok, ts, error } = (await response.json()) as { ok: boolean; ts?: string; error?: string };
  if (!ok || ts === undefined) throw new Error(`card ${n} was not posted: ${error}`);
  return { channel, ts };
}
