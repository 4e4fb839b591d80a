import type { Slack } from "../sim/slack/server.ts";
import type { Place } from "./seed.ts";

/** Slack's clock. */
export interface Clock {
  /** How far it is put forward, in ms. */
  ahead: number;
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
