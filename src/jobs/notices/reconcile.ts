import { readBack } from "../../delivery/read-back.ts";
import { dueAt, nextBatch } from "../../notices/batch.ts";
import { SlackCallError, SlackRateLimited, SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Lane, postLane, readLane } from "../../slack/pacer.ts";
import type { Board, Move, Sending } from "../../store/channel-outbox.ts";
import type { Address } from "../../store/subscriptions.ts";
import type { Outlook, Step } from "../reconciler.ts";
import { READABLE_AFTER_MS, triedAt } from "../slack/posting.ts";
import type { NoticeSide } from "./deps.ts";
import { post } from "./post-notice.ts";

/**
 * Posts what is on a channel's board, once: before each post its intent is written; whoever finds such an intent
 * (the answer was lost, the process died) reads the channel back before posting again.
 */
export const noticesStep =
  (side: NoticeSide): Step =>
  async ({ team, id }) => {
    const at = { team, channel: id };
    for (let round = 0; round < ROUNDS; round++) {
      const outlook = await advance(side, at, await side.boards.get(at));
      if (outlook) return outlook;
    }
    return { next: Date.now() };
  };

const ROUNDS = 20;

/** What a round left: when to look again, or undefined if there may be more to do at once. */
type Result = Outlook | undefined;

async function advance(side: NoticeSide, at: Address, board: Board): Promise<Result> {
  const { sending, pending } = board;
  if (sending?.tried !== undefined)
    return await lookFor(side, at, { ...board, sending: { ...sending, tried: sending.tried } });
  const due = sending ? 0 : dueAt(pending);
  if (due === undefined) return {};
  return due > Date.now() ? { next: due } : await begin(side, at, board);
}

/** Writes what is posted next, and posts it. */
async function begin(side: NoticeSide, at: Address, board: Board): Promise<Result> {
  const wait = await side.pacer.acquirePost(at.channel, {
    team: at.team,
    who: `notices:${at.channel}`,
  });
  if (wait > 0) return { next: Date.now() + wait };
  const { batch, taken } = board.sending
    ? { batch: board.sending, taken: 0 }
    : nextBatch(at.channel, board.pending);
  const sending = { ...batch, tried: Date.now() };
  const { version, trouble } = board;
  // Otherwise another worker is at it.
  const isMine = await side.boards.move(at, version, { sending, trouble, taken });
  return isMine ? await send(side, at, { ...board, version: version + 1, sending }) : undefined;
}

/** A board of which a message is on its way. */
type Busy = Board & { sending: Sending & { tried: number } };

async function send(side: NoticeSide, at: Address, board: Busy): Promise<Result> {
  try {
    await post(side, at, board.sending);
  } catch (error) {
    return await failed(side, at, board, error);
  }
  await side.boards.move(at, board.version, {});
  return undefined;
}

const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 5 * 60_000;
async function failed(side: NoticeSide, at: Address, board: Busy, error: unknown): Promise<Result> {
  if (error instanceof SlackUnclear) {
    const { sending } = board;
    const tried = triedAt(sending.tried);
    await side.boards.move(at, board.version, { ...board, sending: { ...sending, tried } });
    return { next: tried + READABLE_AFTER_MS };
  }
  if (isShut(error)) return await drop(side, at, board, error);
  // It certainly does not stand there.
  await side.boards.move(at, board.version, untried(board));
  return await later(side, at, postLane(at.channel), error);
}

const untried = ({ sending: { tried: _, ...sending }, trouble }: Busy): Move => ({ sending, trouble });

/** When to call again what did not go through; a 429 holds its lane for everybody. */
async function later(side: NoticeSide, at: Address, lane: Lane, error: unknown): Promise<Outlook> {
  if (!(error instanceof SlackCallError)) throw error;
  if (error instanceof SlackRateLimited) {
    await side.pacer.block(lane, at.team, error.retryAfterMs);
    return { next: Date.now() + error.retryAfterMs };
  }
  side.logger.warn({ channel: at.channel, err: error }, "A notice did not get through; it is tried again");
  return { next: Date.now() + (error instanceof SlackRefused ? REFUSED_RETRY_MS : RETRY_MS) };
}

/** Slack's words for a channel that takes no messages of ours; any other refusal says nothing of the channel. */
const SHUT =
  /^(not_in_channel|channel_not_found|is_archived|restricted_action.*|missing_scope|no_permission|posting_to_.*)$/;

const isShut = (error: unknown): error is SlackRefused =>
  error instanceof SlackRefused && SHUT.test(error.error);

/** News that cannot be told is not kept until it is old; why it was lost is. */
async function drop(side: NoticeSide, at: Address, board: Busy, { error }: SlackRefused): Promise<Result> {
  side.logger.warn({ channel: at.channel, why: error }, "Slack takes no notices here; they are dropped");
  await side.boards.move(at, board.version, { trouble: { error, at: Date.now() }, taken: "all" });
  return undefined;
}

/** Slack's words for what will not become readable by waiting. */
const UNREADABLE = /scope|not_in_channel|channel_not_found/;

async function lookFor(side: NoticeSide, at: Address, board: Busy): Promise<Result> {
  const { tried, key, notices } = board.sending;
  const ripe = tried + READABLE_AFTER_MS;
  if (Date.now() < ripe) return { next: ripe };
  const lane = readLane("conversations.history");
  const wait = await side.pacer.acquire(lane, { team: at.team, who: `notices:${at.channel}` });
  if (wait > 0) return { next: Date.now() + wait };
  const run = { ...at, id: notices[0]?.run ?? "" };
  try {
    const found = await readBack(side.slack, { run, key, since: tried });
    await side.boards.move(at, board.version, found ? {} : untried(board));
    return undefined;
  } catch (error) {
    if (!(error instanceof SlackRefused && UNREADABLE.test(error.error)))
      return await later(side, at, lane, error);
    // It cannot be known; a message that stands twice is better than none.
    side.logger.warn({ channel: at.channel, err: error }, "Cannot read back a notice; it is posted again");
    await side.boards.move(at, board.version, untried(board));
    return undefined;
  }
}
