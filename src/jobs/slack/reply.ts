import { metadataOf } from "../../delivery/read-back.ts";
import { replyOnce } from "../../delivery/reply-to-user.ts";
import { retryAt } from "../../delivery/retry.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { ReplyMessage, Run } from "../../runs/run.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Caller, personalLane } from "../../slack/pacer.ts";
import { replyContent } from "../../views/replies.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, updateRun } from "./deps.ts";

/** After this, nobody waits for an answer any more. */
const GIVE_UP_MS = 60 * 60_000;

/**
 * Tells one person something that nobody else sees. After an unclear try a refusal is said again, because it would
 * otherwise be said nowhere; what was done is not, because the thread says it as well.
 */
export async function replyToRequester(deps: SlackDeps, run: Run, message: ReplyMessage): Promise<RunResult> {
  const { key, what, sendingSince } = message;
  const isDoubtful = sendingSince !== undefined && (what.type === "done" || what.type === "ended");
  if (isDoubtful || Date.now() - message.since > GIVE_UP_MS) return await sent(deps, run, key);
  const caller = { team: run.team, who: `${run.id}:${key}`, forWhom: message.reply.user };
  const wait = await deps.pacer.acquire(personalLane, caller);
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const sending = await updateRun(deps, run, (now) => messageMoved(now, key, Date.now()));
  try {
    const metadata = metadataOf(run, "notice", key);
    const link = what.type === "ended" ? await deps.links.to(run) : undefined;
    const content = replyContent(sending, what, link);
    await replyOnce(deps.replies, { team: run.team, to: message.reply, content, metadata });
  } catch (error) {
    return await failed(deps, sending, { caller, key, error });
  }
  return await sent(deps, sending, key);
}

const sent = async (deps: SlackDeps, run: Run, key: string): Promise<RunResult> => ({
  run: await updateRun(deps, run, (now) => messageSent(now, key)),
});

interface Failure {
  caller: Caller;
  key: string;
  error: unknown;
}

async function failed(deps: SlackDeps, run: Run, { caller, key, error }: Failure): Promise<RunResult> {
  if (error instanceof SlackRefused) {
    deps.logger.warn({ run: run.id, err: error }, "Couldn't reach the person; dropping the reply");
    return await sent(deps, run, key);
  }
  // Unless it is unclear, it certainly was not said: nothing is doubtful about it.
  const due =
    error instanceof SlackUnclear
      ? run
      : await updateRun(deps, run, (now) => messageMoved(now, key, undefined));
  return { run: due, requeueAt: await retryAt(deps, { caller, lane: personalLane, error }) };
}
