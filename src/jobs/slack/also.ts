import { metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { Run, SourceThreadMessage, Thread } from "../../runs/run.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { postLane } from "../../slack/pacer.ts";
import { sourceThreadMessage } from "../../views/source-thread.ts";
import { cardLink } from "../notices/expand.ts";
import { type RunResult, retryLater, type SlackDeps, updateRun } from "./deps.ts";
import { findPosted, READABLE_AFTER_MS, triedAt } from "./posting.ts";

/** Tells the thread of the message that a run was asked from how it ended, once; as in `posting.ts`. */
export async function postSourceThread(
  deps: SlackDeps,
  run: Run,
  message: SourceThreadMessage,
): Promise<RunResult> {
  const at = run.sourceThread;
  if (!at) return await done(deps, run, message);
  if (message.sendingSince !== undefined) return await find(deps, run, message, message.sendingSince);
  const who = `${run.id}:${message.key}`;
  const wait = await deps.pacer.acquirePost(at.channel, { team: run.team, who, urgent: true });
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const begun = Date.now();
  const sending = await updateRun(deps, run, (now) => messageMoved(now, message.key, begun));
  try {
    await post(deps, sending, message.key, at);
    return await done(deps, sending, message);
  } catch (error) {
    return await failed(deps, sending, { message, error, begun });
  }
}

async function post(deps: SlackDeps, run: Run, key: string, at: Thread): Promise<void> {
  await sendContent(deps, run.team, "chat.postMessage", {
    channel: at.channel,
    thread_ts: at.threadTs,
    metadata: metadataOf(run, "notice", key),
    unfurl_links: false,
    unfurl_media: false,
    content: sourceThreadMessage(run, await cardLink(deps, run)),
  });
}

const done = async (deps: SlackDeps, run: Run, { key }: SourceThreadMessage): Promise<RunResult> => ({
  run: await updateRun(deps, run, (now) => messageSent(now, key)),
});

interface Failure {
  message: SourceThreadMessage;
  error: unknown;
  begun: number;
}

async function failed(deps: SlackDeps, run: Run, { message, error, begun }: Failure): Promise<RunResult> {
  if (error instanceof SlackUnclear) {
    const since = triedAt(begun);
    const unclear = await updateRun(deps, run, (now) => messageMoved(now, message.key, since));
    return { run: unclear, requeueAt: since + READABLE_AFTER_MS };
  }
  // The bot may not be in that channel, or the message is gone; the card says it all the same.
  if (error instanceof SlackRefused && !/auth|token|account/.test(error.error)) {
    deps.logger.warn({ run: run.id, why: error.error }, "A message's thread cannot be told of an end");
    return await done(deps, run, message);
  }
  const due = await updateRun(deps, run, (now) => messageMoved(now, message.key, undefined));
  return await retryLater(deps, due, postLane(run.sourceThread?.channel ?? run.channel), error);
}

async function find(
  deps: SlackDeps,
  run: Run,
  message: SourceThreadMessage,
  since: number,
): Promise<RunResult> {
  const { channel = run.channel, threadTs } = run.sourceThread ?? {};
  const at = { id: run.id, team: run.team, channel };
  const found = await findPosted(deps, run, { run: at, key: message.key, threadTs, since });
  if (typeof found === "object") return found;
  if (found !== undefined) return await done(deps, run, message);
  return { run: await updateRun(deps, run, (now) => messageMoved(now, message.key, undefined)) };
}
