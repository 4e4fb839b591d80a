import { CodedError } from "../../base/errors.ts";
import { externalRunsJob } from "../../jobs/queues.ts";
import { UsageError } from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import {
  announcementOf,
  type Filters,
  isSame,
  SUBSCRIPTIONS_LIMIT,
  type Subscription,
  subscribed,
} from "../../notices/notices.ts";
import { WEEK_MS } from "../../notices/week.ts";
import type { Person } from "../../runs/run.ts";
import type { Digest } from "../../store/digests.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import type { ChannelNotices } from "../../views/subscriptions.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";

/** What there is to say of a channel. */
export async function channelNotices(context: HandlerContext, address: ChannelRef): Promise<ChannelNotices> {
  const [subscriptions, { trouble }, digest] = await Promise.all([
    context.subscriptions.of(address),
    context.boards.get(address),
    context.digests.of(address),
  ]);
  return { subscriptions, trouble, digest };
}

/** Subscriptions of all channels together: each event is held against all of them, and may be told in each. */
const WORKSPACE_LIMIT = 2_000;

/** The workspace has as many subscriptions as it may have. */
class TooManySubscriptions extends CodedError {
  readonly code = "TOO_MANY_SUBSCRIPTIONS";

  constructor() {
    super(
      `This workspace has ${WORKSPACE_LIMIT} subscriptions, which is the most. \`/arga notify off\` in a channel that doesn't need them makes room.`,
    );
  }
}

interface Added {
  subscription: Subscription;
  /** Otherwise there was the same already. */
  isNew: boolean;
}

/** Adds a subscription; undefined if this delivery did so before. Throws {@link UsageError} if there is no room. */
export async function subscribe(
  context: HandlerContext,
  { actor, key, hidden }: Interaction,
  address: ChannelRef,
  filters: Filters,
): Promise<Added | undefined> {
  const by: Person = { id: actor.id, name: actor.name };
  const open = hidden ? {} : { isPublic: true as const };
  const wanted = { ...filters, ...address, by, at: Date.now(), ...open };
  if ((await context.subscriptions.all(address.team)).length >= WORKSPACE_LIMIT)
    throw new TooManySubscriptions();
  const change = await context.subscriptions.change(address, key, (all) => subscribed(all, wanted));
  if (!change) return undefined;
  const subscription = change.after.find((each) => isSame(each, filters));
  if (subscription?.all) await watchElsewhere(context, address.team);
  if (subscription) {
    const isNew = !change.before.includes(subscription);
    if (isNew) await announce(context, subscription);
    return { subscription, isNew };
  }
  throw new UsageError(
    `This channel has ${SUBSCRIPTIONS_LIMIT} subscriptions already; remove one first.`,
    "/arga notify list",
  );
}

/** The channel learns who subscribed it; alone with the bot, a person knows. */
async function announce(context: HandlerContext, subscription: Subscription): Promise<void> {
  const { team, channel } = subscription;
  if (channel.startsWith("D")) return;
  await context.boards.add({ team, channel }, announcementOf(subscription));
  // It's kept; what can't be enqueued now, the sweep finds.
  await context.queues
    .ensureEnqueued("notices", { team, id: channel })
    .catch((error: unknown) =>
      context.logger.warn({ err: error }, "Couldn't enqueue the announcement; the sweep will pick it up"),
    );
}

/** External runs aren't looked for until a channel wants to hear of them. */
async function watchElsewhere(context: HandlerContext, team: string): Promise<void> {
  const listed = allKinds.filter(({ listRuns }) => listRuns);
  // It's kept; what can't be enqueued now, the sweep finds.
  await Promise.all(
    listed.map(({ kind }) => context.queues.enqueue("watch", { team, id: externalRunsJob(kind) })),
  ).catch((error: unknown) =>
    context.logger.warn({ err: error }, "Couldn't enqueue the subscription; the sweep will pick it up"),
  );
}

/** Removes those that are chosen among a channel's; undefined if this delivery did so before. */
export async function unsubscribe(
  context: HandlerContext,
  { key }: Interaction,
  address: ChannelRef,
  isChosen: (subscription: Subscription) => boolean,
): Promise<Subscription[] | undefined> {
  if ((await context.subscriptions.all(address.team)).length >= WORKSPACE_LIMIT)
    throw new TooManySubscriptions();
  const change = await context.subscriptions.change(address, key, (all) => {
    const rest = all.filter((each) => !isChosen(each));
    return rest.length === all.length ? all : rest;
  });
  return change?.before.filter(isChosen);
}

/** Has a channel get a weekly digest, the first one in a week; `isNew` is false if it got it already. */
export async function startDigest(
  { digests }: HandlerContext,
  { actor, key }: Interaction,
  address: ChannelRef,
): Promise<{ digest: Digest; isNew: boolean } | undefined> {
  const by: Person = { id: actor.id, name: actor.name };
  const digest: Digest = { ...address, by, dueAt: Date.now() + WEEK_MS };
  if (await digests.change(address, undefined, digest, key)) return { digest, isNew: true };
  const there = await digests.of(address);
  return there && { digest: there, isNew: false };
}

/** Ends a channel's weekly digest; false: it got none. */
export async function endDigest(
  { digests }: HandlerContext,
  { key }: Interaction,
  address: ChannelRef,
): Promise<boolean> {
  // A digest that is being posted at this very moment is written meanwhile.
  for (;;) {
    const digest = await digests.of(address);
    if (!digest) return false;
    if (await digests.change(address, digest, undefined, key)) return true;
  }
}
