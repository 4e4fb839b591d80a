import type { SlackMessage } from "../../../sim/slack/server.ts";
import { payloadOf } from "../life.ts";
import type { Scene } from "./scene.ts";

/** What Slack shows of the runs. */

/** As they stand in cards and at Arga. */
export const NAMES = /chaos-\w+-x/g;

/** How a card says that its run is over. */
export const ENDED =
  /: (?:passed|failed|torn down|expired|cancelled|not started|lost contact|can't tell if it started)/;

export const namesIn = (what: unknown): string[] => [
  ...new Set(JSON.stringify(what).toLowerCase().match(NAMES)),
];

/** Which command a card belongs to. */
export const nameIn = ({ blocks, text }: SlackMessage): string => namesIn([blocks, text])[0] ?? "";

/** Every card of a channel, in threads too. */
export function cardsIn({ slack }: Scene, channel: string): SlackMessage[] {
  const roots = slack.messages(channel);
  const mentions = roots.filter(({ bot_id }) => bot_id === undefined);
  const replies = mentions.flatMap(({ ts }) => slack.messages(channel, { thread: ts }));
  return [...roots, ...replies].filter((message) => payloadOf(message)?.role === "card");
}

/** The newest card of that name. */
export const cardOf = (scene: Scene, channel: string, name: string): SlackMessage | undefined =>
  cardsIn(scene, channel).findLast((card) => nameIn(card) === name);

/** What stands below a card; of one in a thread, what stands in that thread about the same run. */
export function threadUnder({ slack }: Scene, card: SlackMessage): SlackMessage[] {
  const id = payloadOf(card)?.run_id;
  return slack
    .messages(card.channel, { thread: card.thread_ts ?? card.ts })
    .filter((message) => payloadOf(message)?.run_id === id && payloadOf(message)?.role === "thread");
}

/** All that anybody can read, but for modals. */
export function messagesOf({ slack }: Scene): string {
  const roots = slack.channels().flatMap(({ id }) => slack.messages(id));
  const replies = roots.flatMap(({ channel, ts }) => slack.messages(channel, { thread: ts }));
  const alone = slack.users().flatMap(({ id }) => slack.ephemerals(id));
  return JSON.stringify([roots, replies, alone]);
}
