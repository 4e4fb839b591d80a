import { strangersOf } from "../../jobs/queues.ts";
import { UsageError } from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import {
  type Filters,
  isSame,
  SUBSCRIPTIONS_LIMIT,
  type Subscription,
  subscribed,
} from "../../notices/notices.ts";
import type { Person } from "../../runs/run.ts";
import type { BoardStore } from "../../store/channel-outbox.ts";
import type { Address, SubscriptionStore } from "../../store/subscriptions.ts";
import type { ChannelNotices } from "../../views/subscriptions.ts";
import type { Desk, Request } from "../shared/context.ts";

/** What notifications need beside the desk. */
export interface NotifyDesk extends Desk {
  subscriptions: SubscriptionStore;
  boards: BoardStore;
}

/** What there is to say of a channel. */
export async function noticesIn(desk: NotifyDesk, address: Address): Promise<ChannelNotices> {
  const [subscriptions, { trouble }] = await Promise.all([
    desk.subscriptions.of(address),
    desk.boards.get(address),
  ]);
  return { subscriptions, trouble };
}

export interface Added {
  subscription: Subscription;
  /** Otherwise there was the same already. */
  isNew: boolean;
}

/** Adds a subscription; undefined if this delivery did so before. Throws {@link UsageError} if there is no room. */
export async function subscribe(
  desk: NotifyDesk,
  { actor, key, hidden }: Request,
  address: Address,
  filters: Filters,
): Promise<Added | undefined> {
  const by: Person = { id: actor.id, name: actor.name };
  const open = hidden ? {} : { isPublic: true as const };
  const wanted = { ...filters, ...address, by, at: Date.now(), ...open };
  const change = await desk.subscriptions.change(address, key, (all) => subscribed(all, wanted));
  if (!change) return undefined;
  const subscription = change.after.find((each) => isSame(each, filters));
  if (subscription?.all) await watchElsewhere(desk, address.team);
  if (subscription) return { subscription, isNew: !change.before.includes(subscription) };
  throw new UsageError(
    `This channel has ${SUBSCRIPTIONS_LIMIT} subscriptions already; remove one first.`,
    "/arga notify list",
  );
}

/** Nobody looks for such runs until somebody wants to hear of them. */
async function watchElsewhere(desk: NotifyDesk, team: string): Promise<void> {
  const listed = allKinds.filter(({ survey }) => survey);
  // It is kept; if nobody can be told now, the sweep finds it.
  await Promise.all(
    listed.map(({ kind }) => desk.queues.poke("watch", { team, id: strangersOf(kind) })),
  ).catch((error: unknown) => desk.logger.warn({ err: error }, "A subscription waits for the sweep"));
}

/** Removes those that are chosen among a channel's; undefined if this delivery did so before. */
export async function unsubscribe(
  desk: NotifyDesk,
  { key }: Request,
  address: Address,
  isChosen: (subscription: Subscription) => boolean,
): Promise<Subscription[] | undefined> {
  const change = await desk.subscriptions.change(address, key, (all) => {
    const rest = all.filter((each) => !isChosen(each));
    return rest.length === all.length ? all : rest;
  });
  return change?.before.filter(isChosen);
}
