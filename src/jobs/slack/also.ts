import { metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { AlsoMessage, Run, Thread } from "../../runs/run.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { postLane } from "../../slack/pacer.ts";
import { alsoTold } from "../../views/source-thread.ts";
import { cardLink } from "../notices/expand.ts";
import { change, type Result, retryLater, type SlackSide } from "./deps.ts";
import { lookFor, READABLE_AFTER_MS, triedAt } from "./posting.ts";

/** Tells the thread of the message that a run was asked from how it ended, once; as in `posting.ts`. */
export async function tellAlso(side: SlackSide, run: Run, message: AlsoMessage): Promise<Result> {
  const at = run.alsoTell;
  if (!at) return await done(side, run, message);
  if (message.sendingSince !== undefined) return await find(side, run, message, message.sendingSince);
  const who = `${run.id}:${message.key}`;
  const wait = await side.pacer.acquirePost(at.channel, { team: run.team, who, urgent: true });
  if (wait > 0) return { run, again: Date.now() + wait };
  const begun = Date.now();
  const sending = await change(side, run, (now) => messageMoved(now, message.key, begun));
  try {
    await post(side, sending, message.key, at);
    return await done(side, sending, message);
  } catch (error) {
    return await failed(side, sending, { message, error, begun });
  }
}

async function post(side: SlackSide, run: Run, key: string, at: Thread): Promise<void> {
  await sendContent(side, run.team, "chat.postMessage", {
    channel: at.channel,
    thread_ts: at.threadTs,
    metadata: metadataOf(run, "notice", key),
    unfurl_links: false,
    unfurl_media: false,
    content: alsoTold(run, await cardLink(side, run)),
  });
}

const done = async (side: SlackSide, run: Run, { key }: AlsoMessage): Promise<Result> => ({
  run: await change(side, run, (now) => messageSent(now, key)),
});

interface Failure {
  message: AlsoMessage;
  error: unknown;
  begun: number;
}

async function failed(side: SlackSide, run: Run, { message, error, begun }: Failure): Promise<Result> {
  if (error instanceof SlackUnclear) {
    const since = triedAt(begun);
    const unclear = await change(side, run, (now) => messageMoved(now, message.key, since));
    return { run: unclear, again: since + READABLE_AFTER_MS };
  }
  // The bot may not be in that channel, or the message is gone; the card says it all the same.
  if (error instanceof SlackRefused && !/auth|token|account/.test(error.error)) {
    side.logger.warn({ run: run.id, why: error.error }, "A message's thread cannot be told of an end");
    return await done(side, run, message);
  }
  const due = await change(side, run, (now) => messageMoved(now, message.key, undefined));
  return await retryLater(side, due, postLane(run.alsoTell?.channel ?? run.channel), error);
}

async function find(side: SlackSide, run: Run, message: AlsoMessage, since: number): Promise<Result> {
  const { channel = run.channel, threadTs } = run.alsoTell ?? {};
  const at = { id: run.id, team: run.team, channel };
  const found = await lookFor(side, run, { run: at, key: message.key, threadTs, since });
  if (typeof found === "object") return found;
  if (found !== undefined) return await done(side, run, message);
  return { run: await change(side, run, (now) => messageMoved(now, message.key, undefined)) };
}
