import type { DeliveryDeps } from "../../delivery/deliver-once.ts";
import type { CardLinks } from "../../slack/permalink.ts";
import type { ChannelOutboxStore } from "../../store/channel-outbox.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { RunQueues } from "../queues.ts";

/** What it takes to put notices where channels will hear them. */
export interface AnnounceDeps {
  subscriptions: SubscriptionStore;
  boards: ChannelOutboxStore;
  queues: RunQueues;
}

/** With what notices are made and posted. */
export interface NoticeDeps extends DeliveryDeps, AnnounceDeps {
  links: CardLinks;
}
