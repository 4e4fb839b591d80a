import type { WebAPICallResult } from "@slack/web-api";
import { CARD_KEY, metadataOf, readBack, type Search } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import { messageMoved, messageSent } from "../../runs/outbox.ts";
import type { PostedCard, Run, ThreadMessage } from "../../runs/run.ts";
import { cardMoved, rejected, troubled, untroubled } from "../../runs/transitions.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Lane, postLane, readLane } from "../../slack/pacer.ts";
import { type Content, card, hashOf } from "../../views/card.ts";
import { story } from "../../views/thread-messages.ts";
import { change, contextOf, type Result, retryLater, type SlackSide } from "./deps.ts";

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

export async function postCard(side: SlackSide, run: Run): Promise<Result> {
  const { card: state } = run;
  if (state.state === "sending") return await findCard(side, run, state.since);
  const wait = await acquirePost(side, run, CARD_KEY);
  if (wait > 0) return { run, again: Date.now() + wait };
  const content = card(run, contextOf(side));
  const since = Date.now();
  const sending = await change(side, run, (now) =>
    now.card.state === "due" ? cardMoved(now, { state: "sending", since }) : now,
  );
  // Refused meanwhile, or taken up by another worker.
  if (sending.card.state !== "sending" || sending.card.since !== since) return { run: sending };
  try {
    const posted = await post(side, sending, { content, key: CARD_KEY, threadTs: run.threadTs });
    const shown = run.phase.name;
    return { run: await cardPosted(side, sending, { ts: posted, hash: hashOf(content), shown }) };
  } catch (error) {
    return await cardFailed(side, sending, error, since);
  }
}

async function cardPosted(
  side: SlackSide,
  run: Run,
  shown: Pick<PostedCard, "ts" | "hash" | "shown">,
): Promise<Run> {
  const card: PostedCard = { state: "posted", at: Date.now(), ...shown };
  const next = await change(side, run, (now) =>
    cardMoved(now.trouble?.with === "slack" ? untroubled(now) : now, card),
  );
  // The card stands: now Arga may be asked.
  await side.queues.poke("arga", run);
  return next;
}

async function findCard(side: SlackSide, run: Run, since: number): Promise<Result> {
  const found = await lookFor(side, run, { run, key: CARD_KEY, threadTs: run.threadTs, since });
  if (typeof found === "object") return found;
  if (found === undefined) return { run: await change(side, run, (now) => cardMoved(now, { state: "due" })) };
  // Its content is not known any more; an empty hash has it edited.
  return { run: await cardPosted(side, run, { ts: found, hash: "", shown: "requested" }) };
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

async function cardFailed(side: SlackSide, run: Run, error: unknown, begun: number): Promise<Result> {
  if (error instanceof SlackUnclear) {
    const since = triedAt(begun);
    const unclear = await change(side, run, (now) =>
      troubled(cardMoved(now, { state: "sending", since }), {
        with: "slack",
        text: error.message,
        since: Date.now(),
      }),
    );
    return { run: unclear, again: since + READABLE_AFTER_MS };
  }
  const due = await change(side, run, (now) => cardMoved(now, { state: "due" }));
  if (!(error instanceof SlackRefused)) return await retryLater(side, due, postLane(run.channel), error);
  const isAuth = /auth|token|account/.test(error.error);
  if (isAuth || due.phase.name !== "requested")
    return await retryLater(side, due, postLane(run.channel), error);
  const why = CLOSED[error.error] ?? `Slack does not let me post here (\`${error.error}\`).`;
  return { run: await change(side, due, (now) => rejected(now, why, Date.now())) };
}

/** Posts the first thing that the thread has not been told. */
export async function postStory(side: SlackSide, run: Run, message: ThreadMessage): Promise<Result> {
  if (run.card.state !== "posted") return { run };
  if (message.sendingSince !== undefined) return await findStory(side, run, message, message.sendingSince);
  const wait = await acquirePost(side, run, message.key, message.what.type === "ended");
  if (wait > 0) return { run, again: Date.now() + wait };
  const begun = Date.now();
  const sending = await change(side, run, (now) => messageMoved(now, message.key, begun));
  try {
    // Until it was on its way, more steps may have joined it.
    const newest = sending.outbox.find(({ key }) => key === message.key);
    const what = newest?.to === "thread" ? newest.what : message.what;
    const content = story(sending, what, contextOf(side));
    await post(side, sending, { content, key: message.key, threadTs: run.threadTs ?? run.card.ts });
    return { run: await change(side, sending, (now) => messageSent(now, message.key)) };
  } catch (error) {
    if (error instanceof SlackUnclear) {
      const since = triedAt(begun);
      const unclear = await change(side, sending, (now) => messageMoved(now, message.key, since));
      return { run: unclear, again: since + READABLE_AFTER_MS };
    }
    const due = await change(side, sending, (now) => messageMoved(now, message.key, undefined));
    return await retryLater(side, due, postLane(run.channel), error);
  }
}

async function findStory(side: SlackSide, run: Run, message: ThreadMessage, since: number): Promise<Result> {
  if (run.card.state !== "posted") return { run };
  const found = await lookFor(side, run, {
    run,
    key: message.key,
    threadTs: run.threadTs ?? run.card.ts,
    since,
  });
  if (typeof found === "object") return found;
  const next = await change(side, run, (now) =>
    found === undefined ? messageMoved(now, message.key, undefined) : messageSent(now, message.key),
  );
  return { run: next };
}

/** The `ts` of a message of ours, undefined if Slack does not have it, or when to look (again). */
export async function lookFor(
  side: SlackSide,
  run: Run,
  search: Search,
): Promise<string | undefined | Result> {
  const ripe = search.since + READABLE_AFTER_MS;
  if (Date.now() < ripe) return { run, again: ripe };
  const lane = readLane(search.threadTs ? "conversations.replies" : "conversations.history");
  const wait = await side.pacer.acquire(lane, { team: run.team, who: `${run.id}:${search.key}` });
  if (wait > 0) return { run, again: Date.now() + wait };
  try {
    return await readBack(side.slack, search);
  } catch (error) {
    return await unreadable(side, run, lane, error);
  }
}

/** Without the permission to read it cannot be known; a message that stands twice is better than none. */
async function unreadable(
  side: SlackSide,
  run: Run,
  lane: Lane,
  error: unknown,
): Promise<undefined | Result> {
  const isForGood =
    error instanceof SlackRefused &&
    /scope|not_in_channel|channel_not_found|thread_not_found/.test(error.error);
  if (!isForGood) return await retryLater(side, run, lane, error);
  side.logger.warn(
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

async function post(side: SlackSide, run: Run, { content, key, threadTs }: Post): Promise<string> {
  const answer = await sendContent(side, run.team, "chat.postMessage", {
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

const acquirePost = (side: SlackSide, run: Run, key: string, urgent = false): Promise<number> =>
  side.pacer.acquirePost(run.channel, { team: run.team, who: `${run.id}:${key}`, urgent });
