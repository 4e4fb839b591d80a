import { readBack } from "../../delivery/read-back.ts";
import { dueAt, nextBatch } from "../../notices/batch.ts";
import { SlackCallError, SlackRateLimited, SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Lane, postLane, readLane } from "../../slack/pacer.ts";
import type { ChannelOutbox, OutboxMove, OutgoingNotice } from "../../store/channel-outbox.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import type { ReconcileResult, Reconciler } from "../reconciler.ts";
import { READABLE_AFTER_MS, triedAt } from "../slack/posting.ts";
import type { NoticeDeps } from "./deps.ts";
import { post } from "./post-notice.ts";

/**
 * Posts what is on a channel's board, once: before each post its intent is written; whoever finds such an intent
 * (the answer was lost, the process died) reads the channel back before posting again.
 */
export const reconcileNotices =
  (deps: NoticeDeps): Reconciler =>
  async ({ team, id }) => {
    const at = { team, channel: id };
    for (let round = 0; round < ROUNDS; round++) {
      const outlook = await advance(deps, at, await deps.boards.get(at));
      if (outlook) return outlook;
    }
    return { requeueAt: Date.now() };
  };

const ROUNDS = 20;

/** What a round left: when to look again, or undefined if there may be more to do at once. */
type Result = ReconcileResult | undefined;

async function advance(deps: NoticeDeps, at: ChannelRef, board: ChannelOutbox): Promise<Result> {
  const { sending, pending } = board;
  if (sending?.tried !== undefined)
    return await findPosted(deps, at, { ...board, sending: { ...sending, tried: sending.tried } });
  const due = sending ? 0 : dueAt(pending);
  if (due === undefined) return {};
  return due > Date.now() ? { requeueAt: due } : await begin(deps, at, board);
}

/** Writes what is posted next, and posts it. */
async function begin(deps: NoticeDeps, at: ChannelRef, board: ChannelOutbox): Promise<Result> {
  const wait = await deps.pacer.acquirePost(at.channel, {
    team: at.team,
    who: `notices:${at.channel}`,
  });
  if (wait > 0) return { requeueAt: Date.now() + wait };
  const { batch, taken } = board.sending
    ? { batch: board.sending, taken: 0 }
    : nextBatch(at.channel, board.pending);
  const sending = { ...batch, tried: Date.now() };
  const { version, trouble } = board;
  // Otherwise another worker is at it.
  const isMine = await deps.boards.move(at, version, { sending, trouble, taken });
  return isMine ? await send(deps, at, { ...board, version: version + 1, sending }) : undefined;
}

/** A board of which a message is on its way. */
type Busy = ChannelOutbox & { sending: OutgoingNotice & { tried: number } };

async function send(deps: NoticeDeps, at: ChannelRef, board: Busy): Promise<Result> {
  try {
    await post(deps, at, board.sending);
  } catch (error) {
    return await failed(deps, at, board, error);
  }
  await deps.boards.move(at, board.version, {});
  return undefined;
}

const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 5 * 60_000;
async function failed(deps: NoticeDeps, at: ChannelRef, board: Busy, error: unknown): Promise<Result> {
  if (error instanceof SlackUnclear) {
    const { sending } = board;
    const tried = triedAt(sending.tried);
    await deps.boards.move(at, board.version, { ...board, sending: { ...sending, tried } });
    return { requeueAt: tried + READABLE_AFTER_MS };
  }
  if (isShut(error)) return await drop(deps, at, board, error);
  // It certainly does not stand there.
  await deps.boards.move(at, board.version, untried(board));
  return await later(deps, at, postLane(at.channel), error);
}

const untried = ({ sending: { tried: _, ...sending }, trouble }: Busy): OutboxMove => ({ sending, trouble });

/** When to call again what did not go through; a 429 holds its lane for everybody. */
async function later(deps: NoticeDeps, at: ChannelRef, lane: Lane, error: unknown): Promise<ReconcileResult> {
  if (!(error instanceof SlackCallError)) throw error;
  if (error instanceof SlackRateLimited) {
    await deps.pacer.block(lane, at.team, error.retryAfterMs);
    return { requeueAt: Date.now() + error.retryAfterMs };
  }
  deps.logger.warn({ channel: at.channel, err: error }, "A notice did not get through; it is tried again");
  return { requeueAt: Date.now() + (error instanceof SlackRefused ? REFUSED_RETRY_MS : RETRY_MS) };
}

/** Slack's words for a channel that takes no messages of ours; any other refusal says nothing of the channel. */
const SHUT =
  /^(not_in_channel|channel_not_found|is_archived|restricted_action.*|missing_scope|no_permission|posting_to_.*)$/;

const isShut = (error: unknown): error is SlackRefused =>
  error instanceof SlackRefused && SHUT.test(error.error);

/** News that cannot be told is not kept until it is old; why it was lost is. */
async function drop(deps: NoticeDeps, at: ChannelRef, board: Busy, { error }: SlackRefused): Promise<Result> {
  deps.logger.warn({ channel: at.channel, why: error }, "Slack takes no notices here; they are dropped");
  await deps.boards.move(at, board.version, { trouble: { error, at: Date.now() }, taken: "all" });
  return undefined;
}

/** Slack's words for what will not become readable by waiting. */
const UNREADABLE = /scope|not_in_channel|channel_not_found/;

async function findPosted(deps: NoticeDeps, at: ChannelRef, board: Busy): Promise<Result> {
  const { tried, key, notices } = board.sending;
  const ripe = tried + READABLE_AFTER_MS;
  if (Date.now() < ripe) return { requeueAt: ripe };
  const lane = readLane("conversations.history");
  const wait = await deps.pacer.acquire(lane, { team: at.team, who: `notices:${at.channel}` });
  if (wait > 0) return { requeueAt: Date.now() + wait };
  const run = { ...at, id: notices[0]?.run ?? "" };
  try {
    const found = await readBack(deps.slack, { run, key, since: tried });
    await deps.boards.move(at, board.version, found ? {} : untried(board));
    return undefined;
  } catch (error) {
    if (!(error instanceof SlackRefused && UNREADABLE.test(error.error)))
      return await later(deps, at, lane, error);
    // It cannot be known; a message that stands twice is better than none.
    deps.logger.warn({ channel: at.channel, err: error }, "Cannot read back a notice; it is posted again");
    await deps.boards.move(at, board.version, untried(board));
    return undefined;
  }
}
