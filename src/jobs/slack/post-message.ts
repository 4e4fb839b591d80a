import { deliverOnce, type Ledger } from "../../delivery/deliver-once.ts";
import { END_KEY, messageMoved, messageSent, STORY_KEY } from "../../runs/outbox.ts";
import { stepsTold, storyJoinsEnd, storyOfEnd, storyPosted } from "../../runs/progress.ts";
import type { Run, SourceThreadMessage, ThreadMessage } from "../../runs/run.ts";
import { channelError } from "../../slack/channel-errors.ts";
import { postLane } from "../../slack/pacer.ts";
import type { ViewContext } from "../../views/buttons.ts";
import type { Content } from "../../views/card.ts";
import { sourceThreadMessage } from "../../views/source-thread.ts";
import { threadMessage } from "../../views/thread-messages.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, tryAgain, updateRun } from "./deps.ts";

type Posted = ThreadMessage | SourceThreadMessage;

/** Posts the first thing that the card's thread has not been told. */
export async function postThreadMessage(
  deps: SlackDeps,
  run: Run,
  message: ThreadMessage,
): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  const { team, channel, threadTs = run.card.ts } = run;
  const { key, sendingSince, what } = message;
  // The end waits behind them, so they stand in its place in the line.
  const isLast = what.type === "steps" && run.phase.name === "ended";
  const place = { team, channel, threadTs, run, role: "thread", key, sendingSince } as const;
  const outgoing = {
    ...place,
    ...(isLast && { who: `${run.id}:${END_KEY}` }),
    forWhom: run.requester.id,
    urgent: isLast || what.type === "ended",
    besideEnd: isLast,
  };
  // Until it was on its way, more steps may have joined it.
  const ledger = outboxLedger(deps, message, (now, newest) =>
    threadMessage(now, newest.what, contextOf(deps)),
  );
  const { state, refused, ...left } = await deliverOnce(deps, outgoing, ledger, run);
  if (refused) return await tryAgain(deps, state, { lane: postLane(channel), error: refused });
  if (!isLast || left.requeueAt === undefined) return { run: state, ...left };
  // Where many runs end together, a second message of each would keep the others' ends waiting.
  const joined = await updateRun(deps, state, storyJoinsEnd);
  return storyOfEnd(joined) ? { run: joined } : { run: joined, ...left };
}

const contextOf = ({ maxTtlMinutes }: SlackDeps): ViewContext => ({ now: Date.now(), maxTtlMinutes });

/** Tells the thread of the message that a run was asked from how it ended. */
export async function postSourceThread(
  deps: SlackDeps,
  run: Run,
  message: SourceThreadMessage,
): Promise<RunResult> {
  const { team, sourceThread: at } = run;
  if (!at) return { run: await sent(deps, run, message) };
  const { key, sendingSince } = message;
  const place = { team, ...at, run, role: "notice", key, sendingSince } as const;
  const outgoing = { ...place, forWhom: run.requester.id, urgent: true };
  const link = await deps.links.to(run);
  const ledger = outboxLedger(deps, message, (now) => sourceThreadMessage(now, link));
  const { state, refused, ...left } = await deliverOnce(deps, outgoing, ledger, run);
  if (!refused) return { run: state, ...left };
  if (channelError(refused.error).isToken)
    return await tryAgain(deps, state, { lane: postLane(at.channel), error: refused });
  // The bot may not be in that channel, or the message is gone; the card says it all the same.
  deps.logger.warn({ run: run.id, why: refused.error }, "Couldn't post the result to the source thread");
  return { run: await sent(deps, state, message) };
}

/** How far a message of a run's outbox is, in the run's record. `draw` makes what is posted. */
const outboxLedger = <M extends Posted>(
  deps: SlackDeps,
  message: M,
  draw: (run: Run, newest: M) => Content,
): Ledger<Run> => {
  const { to, key } = message;
  const find = (run: Run): M | undefined =>
    run.outbox.find((other): other is M => other.to === to && other.key === key);
  const moved = (run: Run, since: number | undefined): Promise<Run> =>
    updateRun(deps, run, (now) => messageMoved(now, key, since));
  return {
    begin: async (run, since) => {
      const state = await updateRun(deps, run, (now) =>
        isDue(find(now)) ? messageMoved(now, key, since) : now,
      );
      // Otherwise another worker is at it, or has done it.
      const mine = find(state);
      return mine?.sendingSince === since ? { state, content: draw(state, mine) } : { state };
    },
    confirmed: (run, { ts, content }) => sent(deps, run, message, { ts, isKnown: content !== undefined }),
    unclear: moved,
    dueAgain: (run) => moved(run, undefined),
  };
};

const isDue = (message: Posted | undefined): boolean =>
  message !== undefined && message.sendingSince === undefined;

/** `posted`: as what it stands there. One that was found may say less than what was drawn. */
const sent = (
  deps: SlackDeps,
  run: Run,
  { to, key }: Posted,
  posted?: { ts: string; isKnown: boolean },
): Promise<Run> => {
  const isStory = posted !== undefined && to === "thread" && key === STORY_KEY;
  const count = posted?.isKnown && run.story ? stepsTold(run.story) : 0;
  return updateRun(deps, run, (now) => {
    const next = messageSent(now, key);
    return isStory ? storyPosted(next, { ts: posted.ts, count, at: Date.now() }) : next;
  });
};
