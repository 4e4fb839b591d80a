import type { WebAPICallResult } from "@slack/web-api";
import { CARD_KEY, metadataOf, readBack, type Search } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { PostedCard, Run, ThreadMessage } from "../../runs/run.ts";
import { cardMoved, rejected, troubled, untroubled } from "../../runs/transitions.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Lane, postLane, readLane } from "../../slack/pacer.ts";
import { type Content, card, hashOf } from "../../views/card.ts";
import { threadMessage } from "../../views/thread-messages.ts";
import { contextOf, type RunResult, retryLater, type SlackDeps, updateRun } from "./deps.ts";

/**
 * Posting, once. Before each post its intent is written into the record; whoever finds such an intent (the
 * answer was lost, the process died) reads the channel or thread back before posting again.
 */

/** Slack needs a moment until a message that it took can be read. */
export const READABLE_AFTER_MS = 1_500;
/** A post that was given up after a long wait may yet be applied: it gets this long before it is looked for. */
const LATE = { afterMs: 5_000, readableMs: 15_000 };

/** From when on a post counts as tried that began at `begun` and ended just now without an answer. */
export const triedAt = (begun: number): number =>
  Date.now() - begun < LATE.afterMs ? begun : Date.now() + LATE.readableMs - READABLE_AFTER_MS;

export async function postCard(deps: SlackDeps, run: Run): Promise<RunResult> {
  const { card: state } = run;
  if (state.state === "sending") return await findCard(deps, run, state.since);
  const wait = await acquirePost(deps, run, CARD_KEY);
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const content = card(run, contextOf(deps));
  const since = Date.now();
  const sending = await updateRun(deps, run, (now) =>
    now.card.state === "due" ? cardMoved(now, { state: "sending", since }) : now,
  );
  // Refused meanwhile, or taken up by another worker.
  if (sending.card.state !== "sending" || sending.card.since !== since) return { run: sending };
  try {
    const posted = await post(deps, sending, { content, key: CARD_KEY, threadTs: run.threadTs });
    const shown = run.phase.name;
    return { run: await cardPosted(deps, sending, { ts: posted, hash: hashOf(content), shown }) };
  } catch (error) {
    return await cardFailed(deps, sending, error, since);
  }
}

async function cardPosted(
  deps: SlackDeps,
  run: Run,
  shown: Pick<PostedCard, "ts" | "hash" | "shown">,
): Promise<Run> {
  const card: PostedCard = { state: "posted", at: Date.now(), ...shown };
  const next = await updateRun(deps, run, (now) =>
    cardMoved(now.trouble?.with === "slack" ? untroubled(now) : now, card),
  );
  // The card stands: now Arga may be asked.
  await deps.queues.enqueue("arga", run);
  return next;
}

async function findCard(deps: SlackDeps, run: Run, since: number): Promise<RunResult> {
  const found = await findPosted(deps, run, { run, key: CARD_KEY, threadTs: run.threadTs, since });
  if (typeof found === "object") return found;
  if (found === undefined)
    return { run: await updateRun(deps, run, (now) => cardMoved(now, { state: "due" })) };
  // Its content is not known any more; an empty hash has it edited.
  return { run: await cardPosted(deps, run, { ts: found, hash: "", shown: "requested" }) };
}

/** Slack says that the bot cannot post here at all: the person is told what to do, and nothing is created. */
const CLOSED: Record<string, string> = {
  not_in_channel:
    "I am not in this channel, so I cannot post here. Invite me with `/invite`, then ask again.",
  channel_not_found:
    "I cannot post in this conversation. Ask in a channel that I am in, or invite me here with `/invite`.",
  is_archived: "This channel is archived. Ask in another one.",
  restricted_action: "The settings of this workspace do not let me post here. Ask in another channel.",
  missing_scope: "I lack a permission to post here: the bot's Slack app needs the scope `chat:write`.",
};

async function cardFailed(deps: SlackDeps, run: Run, error: unknown, begun: number): Promise<RunResult> {
  if (error instanceof SlackUnclear) {
    const since = triedAt(begun);
    const unclear = await updateRun(deps, run, (now) =>
      troubled(cardMoved(now, { state: "sending", since }), {
        with: "slack",
        text: error.message,
        since: Date.now(),
      }),
    );
    return { run: unclear, requeueAt: since + READABLE_AFTER_MS };
  }
  const due = await updateRun(deps, run, (now) => cardMoved(now, { state: "due" }));
  if (!(error instanceof SlackRefused)) return await retryLater(deps, due, postLane(run.channel), error);
  const isAuth = /auth|token|account/.test(error.error);
  if (isAuth || due.phase.name !== "requested")
    return await retryLater(deps, due, postLane(run.channel), error);
  const why = CLOSED[error.error] ?? `Slack does not let me post here (\`${error.error}\`).`;
  return { run: await updateRun(deps, due, (now) => rejected(now, why, Date.now())) };
}

/** Posts the first thing that the thread has not been told. */
export async function postThreadMessage(
  deps: SlackDeps,
  run: Run,
  message: ThreadMessage,
): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  if (message.sendingSince !== undefined)
    return await findThreadMessage(deps, run, message, message.sendingSince);
  const wait = await acquirePost(deps, run, message.key, message.what.type === "ended");
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const begun = Date.now();
  const sending = await updateRun(deps, run, (now) => messageMoved(now, message.key, begun));
  try {
    // Until it was on its way, more steps may have joined it.
    const newest = sending.outbox.find(({ key }) => key === message.key);
    const what = newest?.to === "thread" ? newest.what : message.what;
    const content = threadMessage(sending, what, contextOf(deps));
    await post(deps, sending, { content, key: message.key, threadTs: run.threadTs ?? run.card.ts });
    return { run: await updateRun(deps, sending, (now) => messageSent(now, message.key)) };
  } catch (error) {
    if (error instanceof SlackUnclear) {
      const since = triedAt(begun);
      const unclear = await updateRun(deps, sending, (now) => messageMoved(now, message.key, since));
      return { run: unclear, requeueAt: since + READABLE_AFTER_MS };
    }
    const due = await updateRun(deps, sending, (now) => messageMoved(now, message.key, undefined));
    return await retryLater(deps, due, postLane(run.channel), error);
  }
}

async function findThreadMessage(
  deps: SlackDeps,
  run: Run,
  message: ThreadMessage,
  since: number,
): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  const found = await findPosted(deps, run, {
    run,
    key: message.key,
    threadTs: run.threadTs ?? run.card.ts,
    since,
  });
  if (typeof found === "object") return found;
  const next = await updateRun(deps, run, (now) =>
    found === undefined ? messageMoved(now, message.key, undefined) : messageSent(now, message.key),
  );
  return { run: next };
}

/** The `ts` of a message of ours, undefined if Slack does not have it, or when to look (again). */
export async function findPosted(
  deps: SlackDeps,
  run: Run,
  search: Search,
): Promise<string | undefined | RunResult> {
  const ripe = search.since + READABLE_AFTER_MS;
  if (Date.now() < ripe) return { run, requeueAt: ripe };
  const lane = readLane(search.threadTs ? "conversations.replies" : "conversations.history");
  const wait = await deps.pacer.acquire(lane, { team: run.team, who: `${run.id}:${search.key}` });
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  try {
    return await readBack(deps.slack, search);
  } catch (error) {
    return await unreadable(deps, run, lane, error);
  }
}

/** Without the permission to read it cannot be known; a message that stands twice is better than none. */
async function unreadable(
  deps: SlackDeps,
  run: Run,
  lane: Lane,
  error: unknown,
): Promise<undefined | RunResult> {
  const isForGood =
    error instanceof SlackRefused &&
    /scope|not_in_channel|channel_not_found|thread_not_found/.test(error.error);
  if (!isForGood) return await retryLater(deps, run, lane, error);
  deps.logger.warn(
    { run: run.id, err: error },
    "Cannot read back whether a message was posted; posting it again",
  );
  return undefined;
}

interface Post {
  content: Content;
  key: string;
  threadTs: string | undefined;
}

async function post(deps: SlackDeps, run: Run, { content, key, threadTs }: Post): Promise<string> {
  const answer = await sendContent(deps, run.team, "chat.postMessage", {
    channel: run.channel,
    metadata: metadataOf(run, key === CARD_KEY ? "card" : "thread", key),
    unfurl_links: false,
    unfurl_media: false,
    ...(threadTs ? { thread_ts: threadTs } : {}),
    content,
  });
  return tsOf(answer);
}

const tsOf = (answer: WebAPICallResult): string => String((answer as { ts?: unknown }).ts);

const acquirePost = (deps: SlackDeps, run: Run, key: string, urgent = false): Promise<number> =>
  deps.pacer.acquirePost(run.channel, { team: run.team, who: `${run.id}:${key}`, urgent });
