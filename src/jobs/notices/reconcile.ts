import { type Delivered, deliverOnce, type Ledger } from "../../delivery/deliver-once.ts";
import { retryAt } from "../../delivery/retry.ts";
import { dueAt, nextBatch } from "../../notices/batch.ts";
import { channelError } from "../../slack/channel-errors.ts";
import { type Caller, postLane } from "../../slack/pacer.ts";
import type { ChannelOutbox, OutboxMove, OutgoingNotice } from "../../store/channel-outbox.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import { noticeMessage } from "../../views/notices.ts";
import type { ReconcileResult, Reconciler } from "../reconciler.ts";
import type { NoticeDeps } from "./deps.ts";
import { reconcileDigest } from "./weekly.ts";

const ROUNDS = 20;

/** Posts what is in a channel's outbox, and its weekly digest when it's due, once. */
export const reconcileNotices =
  (deps: NoticeDeps): Reconciler =>
  async ({ team, id }) => {
    const at = { team, channel: id };
    const both = [await reconcileOutbox(deps, at), await reconcileDigest(deps, at)];
    const moments = both.map(({ requeueAt }) => requeueAt).filter((moment) => moment !== undefined);
    return moments.length > 0 ? { requeueAt: Math.min(...moments) } : {};
  };

async function reconcileOutbox(deps: NoticeDeps, at: ChannelRef): Promise<ReconcileResult> {
  for (let round = 0; round < ROUNDS; round++) {
    const result = await advance(deps, at, await deps.boards.get(at));
    if (result) return result;
  }
  return { requeueAt: Date.now() };
}

/** undefined: there may be more to do at once. */
async function advance(
  deps: NoticeDeps,
  at: ChannelRef,
  outbox: ChannelOutbox,
): Promise<ReconcileResult | undefined> {
  const { sending, pending } = outbox;
  const due = sending ? 0 : dueAt(pending);
  if (due === undefined) return {};
  if (due > Date.now()) return { requeueAt: due };
  const { batch, taken } = sending ? { batch: sending, taken: 0 } : nextBatch(at.channel, pending);
  const [first] = batch.notices;
  const caller = { team: at.team, who: `notices:${at.channel}`, minor: true };
  const message = {
    ...at,
    ...caller,
    run: { id: first?.run ?? "", kind: first?.kind ?? "twin" },
    role: "notice",
    key: batch.key,
    sendingSince: sending?.tried,
  } as const;
  const ledger = outboxLedger(deps, at, { batch, taken });
  return await afterwards(deps, { at, caller }, await deliverOnce(deps, message, ledger, outbox));
}

/** How far a channel's next message is, in its outbox. */
function outboxLedger(
  { boards }: NoticeDeps,
  at: ChannelRef,
  { batch, taken }: { batch: OutgoingNotice; taken: number },
): Ledger<ChannelOutbox> {
  const { tried: _, ...untried } = batch;
  const move = async (outbox: ChannelOutbox, to: OutboxMove): Promise<ChannelOutbox | undefined> => {
    const isMine = await boards.move(at, outbox.version, { ...to, trouble: outbox.trouble });
    return isMine ? { ...outbox, version: outbox.version + 1 } : undefined;
  };
  const sendingSince = (tried: number): OutboxMove => ({ sending: { ...untried, tried } });
  return {
    begin: async (outbox, since) => {
      const state = await move(outbox, { ...sendingSince(since), taken });
      // Otherwise another worker is at it.
      return state ? { state, content: noticeMessage(untried, Date.now()) } : { state: outbox };
    },
    confirmed: async (outbox) => {
      // What was in its way isn't any more.
      const { trouble: __, ...open } = outbox;
      return (await move(open, {})) ?? outbox;
    },
    unclear: async (outbox, since) => (await move(outbox, sendingSince(since))) ?? outbox,
    dueAgain: async (outbox) => (await move(outbox, { sending: untried })) ?? outbox,
  };
}

interface Place {
  at: ChannelRef;
  caller: Caller;
}

async function afterwards(
  deps: NoticeDeps,
  { at, caller }: Place,
  { state, requeueAt, refused }: Delivered<ChannelOutbox>,
): Promise<ReconcileResult | undefined> {
  if (!refused) return requeueAt === undefined ? undefined : { requeueAt };
  const { error } = refused;
  if (!channelError(error).isClosed)
    return { requeueAt: await retryAt(deps, { caller, lane: postLane(at.channel), error: refused }) };
  // News that cannot be told is not kept until it is old; why it was lost is.
  deps.logger.warn({ channel: at.channel, why: error }, "Can't post to this channel; dropping its notices");
  await deps.boards.move(at, state.version, { trouble: { error, at: Date.now() }, taken: "all" });
  return undefined;
}
