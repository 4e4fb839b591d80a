import type { ChannelOutboxStore } from "../../store/channel-outbox.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { SlackDeps } from "../slack/deps.ts";

/** What notices are made of and posted with. */
export interface NoticeDeps extends SlackDeps {
  subscriptions: SubscriptionStore;
  boards: ChannelOutboxStore;
}
