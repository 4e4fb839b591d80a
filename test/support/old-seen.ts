import type { SlackMessage } from "../../sim/slack/server.ts";
import { payloadOf } from "./life.ts";
import type { OldRecord } from "./old-records.ts";
import type { World } from "./world.ts";

/** What Slack shows of an older version's records, and what it is to show in the end. */

/** What a card calls an outcome, and how to tell apart what a person alone is told. */
export const OUTCOMES: Record<string, string> = {
  passed: "passed",
  torn_down: "torn down",
  expired: "expired",
  failed: "failed",
  refused: "not started",
  cancelled: "cancelled",
  lost: "lost contact with Arga",
  unknown: "can't tell if it started",
};
const ANSWERS: Record<string, string> = {
  done: ": (?:extended|locked|reset|teardown started|cancelled)\\b",
  not_done: "^Couldn't (?:extend|lock)",
  unclear: "^Can't tell if I managed to",
  rejected: "did you mean `stripe`",
  unheard: "haven't been able to post here",
};
const CARDS = Object.fromEntries(Object.entries(OUTCOMES).map(([name, words]) => [name, `: ${words}\\b`]));

/** Which of a table's patterns a text has; the text itself if none. */
const named = (table: Record<string, string>, text: string): string =>
  Object.keys(table).find((name) => new RegExp(table[name] ?? "").test(text)) ?? text;

/** Those of a channel and of all of its threads. */
const messagesIn = ({ slack }: World, channel: string): SlackMessage[] =>
  slack.messages(channel).flatMap((root) => [root, ...slack.messages(channel, { thread: root.ts })]);

export const inRole = (messages: SlackMessage[], role: string): SlackMessage[] =>
  messages.filter((message) => payloadOf(message)?.role === role);

const keyOf = (message: SlackMessage): string => String(payloadOf(message)?.key);

/** Times and triggers are new in each world: of a key that is not expected as it is, only what it is about counts. */
const sortOf = (key: string, expected: readonly string[]): string =>
  expected.includes(key) ? key : key.replace(/:.*/s, "");

/** All that Slack shows of a record. */
export function seenOf(world: World, record: OldRecord) {
  const { name, id, thread: expected, steps = {}, source, alone } = record;
  const isOfIt = (message: SlackMessage): boolean => payloadOf(message)?.run_id === id;
  const messages = messagesIn(world, name).filter(isOfIt);
  const thread = inRole(messages, "thread");
  const lines = thread.flatMap(({ text }) => text.split("\n"));
  const told = (who: string): string[] =>
    world.slack
      .ephemerals(who, name)
      .filter(({ kind }) => kind === "response_url" || kind === "postEphemeral")
      .map(({ text }) => named(ANSWERS, text))
      // That its card is late is true of any, on a machine that is slow enough.
      .filter((answer) => answer !== "unheard" || alone[who]?.includes(answer));
  return {
    name,
    cards: inRole(messages, "card").map(({ text }) => named(CARDS, text)),
    thread: thread.map((message) => sortOf(keyOf(message), expected)).filter((key) => key !== "steps"),
    repeated: thread.length - new Set(thread.map(keyOf)).size,
    steps: Object.keys(steps).map((step) => [
      step,
      lines.filter((line) => !line.includes(" · ") && line.includes(step)).length,
    ]),
    alone: { alice: told("alice"), bob: told("bob") },
    direct: messagesIn(world, "dm:alice").filter(isOfIt).map(keyOf),
    also: source ? inRole(messagesIn(world, source.channel).filter(isOfIt), "notice").length : 0,
  };
}

/** Messages about who asked for an end. */
const isEndAsked = ({ name }: OldRecord, key: string): boolean =>
  /(?:teardown|cancel)-|-(?:teardown|cancel)$/.test(name) || key === "acted:w-one-after-another-3";

export function expectedOf(record: OldRecord): ReturnType<typeof seenOf> {
  const { name, card, settled, outcome, thread, steps = {}, alone, ask, direct, also = 0 } = record;
  return {
    name,
    cards: card === "none" ? [] : [settled ? "the card" : outcome],
    // Who asked for its end is told with the end: version 0.1.0 had a message for each.
    thread: thread
      .filter((key) => key !== "acted" && !(isEndAsked(record, key) && key.startsWith("acted:")))
      .map((key) => key.replace(/^reminder:.*/, "reminder")),
    repeated: 0,
    steps: Object.entries(steps),
    alone: { alice: [...(alone.alice ?? []), ...(ask ? ["done"] : [])], bob: alone.bob ?? [] },
    direct,
    also,
  };
}
