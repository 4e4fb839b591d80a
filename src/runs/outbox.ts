import type { Message, ReplyMessage, Run, SubscriberMessage, ThreadEvent } from "./run.ts";

/** What is still to be said, as part of the record: put in with whatever happened, taken out when Slack confirmed. */

export const END_KEY = "ended";
/** Of the one message about steps. */
export const STORY_KEY = "steps";
/** Of 0.1.0, whose messages may still be on their way: Slack knows them by their keys. */
const SOURCE_END_KEY = "also:ended";
/** That the requester was told that the card is late; the word is that of records which exist. */
export const CARD_DELAYED_KEY = "unheard";

export const queueThreadMessage = (run: Run, key: string, what: ThreadEvent): Run =>
  push(run, { to: "thread", key, what });

export const queueReply = (run: Run, message: Omit<ReplyMessage, "to">): Run =>
  push(run, { to: "person", ...message });

/** For the channels that subscribed to such events. `occasion` tells two of the same sort apart. */
export const queueSubscriberMessage = (
  run: Run,
  event: SubscriberMessage["what"]["event"],
  occasion = "",
): Run => push(run, { to: "subscribers", key: `notice:${event}${occasion}`, what: { type: "event", event } });

/** For the thread of the message that it was asked from, if there is one. */
export const queueSourceThread = (run: Run): Run =>
  run.sourceThread ? push(run, { to: "source", key: SOURCE_END_KEY, what: { type: "ended" } }) : run;

/** The end is the last thing that a thread says, whatever becomes known after it. */
function push(run: Run, message: Message): Run {
  if (run.outbox.some((other) => other.key === message.key)) return run;
  const end = run.outbox.findIndex((other) => other.key === END_KEY && other.sendingSince === undefined);
  return { ...run, outbox: end < 0 ? [...run.outbox, message] : run.outbox.toSpliced(end, 0, message) };
}

/** A message is on its way since then; undefined: it is not, and will be tried anew. */
export function messageMoved(run: Run, key: string, sendingSince: number | undefined): Run {
  const outbox = run.outbox.map((message) => {
    if (message.key !== key) return message;
    const { sendingSince: _, ...rest } = message;
    return sendingSince === undefined ? rest : { ...rest, sendingSince };
  });
  return run.phase.name === "ended" ? withoutReminders({ ...run, outbox }) : { ...run, outbox };
}

export const messageSent = (run: Run, key: string): Run => ({
  ...run,
  outbox: run.outbox.filter((message) => message.key !== key),
});

/** A reminder that was not posted in time must not follow the end, in the thread or elsewhere. */
export const withoutReminders = (run: Run): Run => ({
  ...run,
  outbox: run.outbox.filter((message) => message.sendingSince !== undefined || !isReminder(message)),
});

const isReminder = ({ what }: Message): boolean =>
  what.type === "reminder" ||
  (what.type === "event" && (what.event === "expiring" || what.event === "ready"));
