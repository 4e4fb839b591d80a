import type { ActionId } from "../../slack/ids.ts";
import { notifyModal, removalOf } from "../../views/subscriptions.ts";
import { channelNotices, unsubscribe } from "../operations/subscriptions.ts";
import type { ActionHandler } from "../shared/handlers.ts";
import { updateModal } from "../shared/modals.ts";
import { unknownAction } from "./unknown.ts";

/** The buttons in the form of a channel's notifications. */
export const notifyActions: Record<Extract<ActionId, `notify.${string}`>, ActionHandler> = {
  async "notify.remove"(context, interaction, action) {
    const { view, value } = action;
    if (!view) return await unknownAction(context, interaction, action);
    // Whoever could open the form of that channel was in it.
    const address = { team: interaction.team, channel: view.metadata };
    await unsubscribe(context, interaction, address, (each) => removalOf(each) === value);
    updateModal(context, interaction, view.id, async () =>
      notifyModal(address.channel, await channelNotices(context, address)),
    );
    return undefined;
  },
};
