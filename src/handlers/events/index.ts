import type { EventName } from "../../slack/ids.ts";
import type { EventHandler } from "../shared/handlers.ts";
import { appHomeOpened } from "./app-home.ts";
import { linkShared } from "./link-shared.ts";
import { onMessage } from "./mentions.ts";
import { memberJoinedChannel } from "./welcome.ts";

/** Who hears of an event, by its type. */
export const events: { [E in EventName]: EventHandler<E> } = {
  app_home_opened: appHomeOpened,
  app_mention: onMessage,
  link_shared: linkShared,
  member_joined_channel: memberJoinedChannel,
  message: onMessage,
};
