import type { DeliveryDeps } from "../../delivery/deliver-once.ts";
import type { Plan } from "../../kinds/preflight.ts";
import type { CardLinks } from "../../slack/permalink.ts";
import type { ChannelOutboxStore } from "../../store/channel-outbox.ts";
import type { DigestStore } from "../../store/digests.ts";
import type { HistoryStore } from "../../store/history.ts";
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
  digests: DigestStore;
  history: HistoryStore;
  /** What Arga says of its plan, if it does soon. Never throws. */
  plan: () => Promise<Plan | undefined>;
}
