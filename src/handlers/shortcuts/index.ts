import type { ShortcutId } from "../../slack/ids.ts";
import { openTestForm, openTestFormFor, openTwinsForm } from "../forms/open.ts";
import type { ShortcutHandler } from "../shared/handlers.ts";

/** What a shortcut does, by its `callback_id`. */
export const shortcuts: Record<ShortcutId, ShortcutHandler> = {
  arga_twins: (context, interaction) => openTwinsForm(context, interaction),
  arga_test: (context, interaction) => openTestForm(context, interaction),
  async arga_test_message(context, interaction, message) {
    if (message) await openTestFormFor(context, interaction, message);
  },
};
