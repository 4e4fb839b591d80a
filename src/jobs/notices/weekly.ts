import { type Delivered, deliverOnce, type Ledger } from "../../delivery/deliver-once.ts";
import { retryAt } from "../../delivery/retry.ts";
import { WEEK_MS, weekOf } from "../../notices/week.ts";
import { channelError } from "../../slack/channel-errors.ts";
import { postLane } from "../../slack/pacer.ts";
import type { Digest } from "../../store/digests.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import { weekMessage } from "../../views/week.ts";
import type { ReconcileResult } from "../reconciler.ts";
import type { NoticeDeps } from "./deps.ts";

const ROUNDS = 5;
/** Later than this, a digest is of the week until now: of the one that was meant, some is forgotten. In ms. */
const LATE_MS = 20 * 3600_000;

/** Posts a channel's weekly digest when its time has come, once. Until then there's nothing to do: the sweep asks again. */
export async function reconcileDigest(deps: NoticeDeps, at: ChannelRef): Promise<ReconcileResult> {
  for (let round = 0; round < ROUNDS; round++) {
    const digest = await deps.digests.of(at);
    if (!digest || !isDue(digest, Date.now())) return {};
    const result = await advance(deps, digest);
    if (result) return result;
  }
  return { requeueAt: Date.now() };
}

/** Whether it is to be posted, or looked for. */
export const isDue = ({ dueAt, tried }: Digest, now: number): boolean => tried !== undefined || dueAt <= now;

/** undefined: there may be more to do at once. */
async function advance(deps: NoticeDeps, digest: Digest): Promise<ReconcileResult | undefined> {
  const { team, channel, dueAt, tried } = digest;
  const now = Date.now();
  if (tried === undefined && now - dueAt > LATE_MS) {
    await deps.digests.change(digest, digest, { ...digest, dueAt: now });
    return undefined;
  }
  const caller = { team, who: `digest:${channel}`, minor: true };
  const message = {
    ...caller,
    channel,
    // Of no run; Slack carries it all the same, so that it's found again.
    run: { id: "digest", kind: "test" },
    role: "notice",
    key: `weekly:${dueAt}`,
    sendingSince: tried,
  } as const;
  const { state, requeueAt, refused } = await deliverOnce(deps, message, ledgerOf(deps), digest);
  if (!refused) return requeueAt === undefined ? undefined : { requeueAt };
  return await notTaken(deps, state, refused);
}

/** How far a channel's digest is, where it is written down that it gets one. */
function ledgerOf(deps: NoticeDeps): Ledger<Digest> {
  const move = async (digest: Digest, next: Digest): Promise<Digest | undefined> =>
    (await deps.digests.change(digest, digest, next)) ? next : undefined;
  return {
    begin: async (digest, since) => {
      const { team, channel, dueAt } = digest;
      const week = weekOf(await deps.history.of(team), channel, dueAt);
      const plan = await deps.plan();
      const state = await move(digest, { ...digest, tried: since });
      // Otherwise another worker is at it, or nobody wants it any more.
      return state ? { state, content: weekMessage(week, plan) } : { state: digest };
    },
    confirmed: async (digest) => (await move(digest, nextWeek(digest))) ?? digest,
    unclear: async (digest, since) => (await move(digest, { ...digest, tried: since })) ?? digest,
    dueAgain: async (digest) => {
      const { tried: _, ...untried } = digest;
      return (await move(digest, untried)) ?? digest;
    },
  };
}

/** At the same time of the day, in the future. */
function nextWeek({ tried: _, trouble: __, ...digest }: Digest): Digest {
  const weeks = Math.max(1, Math.ceil((Date.now() - digest.dueAt) / WEEK_MS));
  return { ...digest, dueAt: digest.dueAt + weeks * WEEK_MS };
}

async function notTaken(
  deps: NoticeDeps,
  digest: Digest,
  refused: NonNullable<Delivered<Digest>["refused"]>,
): Promise<ReconcileResult | undefined> {
  const { error } = refused;
  const { team, channel } = digest;
  const caller = { team, who: `digest:${channel}`, minor: true };
  if (!channelError(error).isClosed)
    return { requeueAt: await retryAt(deps, { caller, lane: postLane(channel), error: refused }) };
  deps.logger.warn({ channel, why: error }, "Can't post to this channel; skipping its weekly digest");
  await deps.digests.change(digest, digest, { ...nextWeek(digest), trouble: { error, at: Date.now() } });
  return undefined;
}
