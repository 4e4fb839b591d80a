import type { BoardStore } from "../../store/boards.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { SlackSide } from "../slack/side.ts";

/** What notices are made of and posted with. */
export interface NoticeSide extends SlackSide {
  subscriptions: SubscriptionStore;
  boards: BoardStore;
}
