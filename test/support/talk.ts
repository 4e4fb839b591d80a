import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Delivery, EphemeralMessage, SlackMessage } from "../../sim/slack/server.ts";
import type { World, WorldOptions } from "./world.ts";

const manifest = parse(readFileSync(new URL("../../slack-manifest.yaml", import.meta.url), "utf8")) as {
  oauth_config: { scopes: { bot: string[] } };
  features: { unfurl_domains: string[] };
};

/** A workspace that gave the app what its manifest asks for, and nothing else. */
export const asInstalled: WorldOptions = {
  slack: { scopes: manifest.oauth_config.scopes.bot, unfurlDomains: manifest.features.unfurl_domains },
};

export type Heard = SlackMessage | EphemeralMessage;

export const wordsOf = (message: Heard): string => `${message.text} ${JSON.stringify(message.blocks)}`;

/** What a person alone was told since a moment, oldest first. */
export const toldAlone = (world: World, who: string, channel?: string): EphemeralMessage[] =>
  world.slack.ephemerals(who, channel);

/** Waits for the next thing that a person alone is told after `act`. */
export async function answerAlone(
  world: World,
  who: string,
  act: () => Promise<unknown>,
): Promise<EphemeralMessage> {
  const before = toldAlone(world, who).length;
  await act();
  return await world.slack.until(() => toldAlone(world, who)[before]);
}

/** What the bot wrote in somebody's direct messages, in threads too. */
export const inDirect = (world: World, who: string): SlackMessage[] => {
  const all = world.slack.messages(`dm:${who}`);
  const replies = all.flatMap(({ ts }) => world.slack.messages(`dm:${who}`, { thread: ts }));
  return [...all, ...replies].filter(({ bot_id }) => bot_id !== undefined);
};

/** Waits for the next message of the bot in somebody's direct messages after `act`. */
export async function answerInDirect(
  world: World,
  who: string,
  act: () => Promise<unknown>,
): Promise<SlackMessage> {
  const before = new Set(inDirect(world, who).map(({ ts }) => ts));
  await act();
  return await world.slack.until(() => inDirect(world, who).find(({ ts }) => !before.has(ts)));
}

/** The same event as Slack brings it again: signed anew, with the number of the retry; `event` changes it. */
export async function bringAgain(
  world: World,
  delivery: Delivery,
  event: Record<string, unknown> = {},
): Promise<number> {
  const payload = delivery.payload as { event: Record<string, unknown> };
  const body = JSON.stringify({ ...payload, event: { ...payload.event, ...event } });
  const headers = { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" };
  const { status } = await world.slack.rawDelivery({ body, contentType: "application/json", headers });
  return status;
}
