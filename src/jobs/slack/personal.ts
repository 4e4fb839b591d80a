import { metadataOf } from "../../delivery/read-back.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { ReplyMessage, Run } from "../../runs/run.ts";
import { SlackRateLimited, SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { personalLane } from "../../slack/pacer.ts";
import type { Content } from "../../views/card.ts";
import { replyContent } from "../../views/replies.ts";
import { type RunResult, retryLater, type SlackDeps, updateRun } from "./deps.ts";

/** Slack takes answers at a `response_url` for 30 minutes; a minute is kept for the way. */
const RESPONSE_URL_MS = 29 * 60_000;
/** After this, nobody waits for an answer any more. */
const GIVE_UP_MS = 60 * 60_000;

/**
 * Tells one person something that nobody else sees. Such messages cannot be read back. After an unclear answer
 * a refusal is said again, because it would otherwise be said nowhere; what was done is not, because the thread
 * says it as well.
 */
export async function replyToPerson(deps: SlackDeps, run: Run, message: ReplyMessage): Promise<RunResult> {
  const isDoubtful = message.sendingSince !== undefined && message.what.type === "done";
  if (isDoubtful || Date.now() - message.since > GIVE_UP_MS) return await sent(deps, run, message);
  const wait = await deps.pacer.acquire(personalLane, { team: run.team, who: `${run.id}:${message.key}` });
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const sending = await updateRun(deps, run, (now) => messageMoved(now, message.key, Date.now()));
  try {
    await deliver(deps, sending, message);
    return await sent(deps, sending, message);
  } catch (error) {
    if (error instanceof SlackUnclear) return await retryLater(deps, sending, personalLane, error);
    if (!(error instanceof SlackRefused)) {
      // It certainly was not said: nothing is doubtful about it.
      const due = await updateRun(deps, sending, (now) => messageMoved(now, message.key, undefined));
      return await retryLater(deps, due, personalLane, error);
    }
    deps.logger.warn({ run: run.id, err: error }, "Nobody could be told; the answer is dropped");
    return await sent(deps, sending, message);
  }
}

const sent = async (deps: SlackDeps, run: Run, message: ReplyMessage): Promise<RunResult> => ({
  run: await updateRun(deps, run, (now) => messageSent(now, message.key)),
});

/** By the delivery's own URL, which works everywhere; else in the channel; else in a direct message. */
async function deliver(deps: SlackDeps, run: Run, { key, reply, what }: ReplyMessage): Promise<void> {
  const content = replyContent(run, what);
  const isOpen = reply.url !== undefined && Date.now() - reply.at < RESPONSE_URL_MS;
  if (isOpen && reply.url && (await isTaken(() => respond(deps, reply.url ?? "", content)))) return;
  // A press on a Home names no channel.
  if (!reply.channel && (await deps.atHome?.(run.team, reply.user, content))) return;
  const thread = reply.threadTs ? { thread_ts: reply.threadTs } : {};
  const ephemeral = { channel: reply.channel, user: reply.user, ...thread, ...content };
  const isInChannel = reply.channel !== "";
  if (isInChannel && (await isTaken(() => deps.slack.call(run.team, "chat.postEphemeral", ephemeral))))
    return;
  await deps.slack.call(run.team, "chat.postMessage", {
    channel: reply.user,
    metadata: metadataOf(run, "notice", key),
    ...content,
  });
}

const respond = (deps: SlackDeps, url: string, content: Content): Promise<void> =>
  deps.slack.respond(url, { response_type: "ephemeral", replace_original: false, ...content });

/** false: refused, so that the next way is tried. Everything else is the caller's. */
async function isTaken(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof SlackRefused && !(error instanceof SlackRateLimited)) return false;
    throw error;
  }
}
