import type { BoardStore } from "../../store/channel-outbox.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { SlackSide } from "../slack/deps.ts";

/** What notices are made of and posted with. */
export interface NoticeSide extends SlackSide {
  subscriptions: SubscriptionStore;
  boards: BoardStore;
}
