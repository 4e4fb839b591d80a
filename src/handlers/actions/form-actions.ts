import type { ActionId } from "../../slack/ids.ts";
import { FIELDS } from "../../views/forms.ts";
import { PRESET_IS_GONE } from "../../views/replies.ts";
import { fillTwinsForm } from "../forms/open.ts";
import { conversationIn, withPlainIds } from "../forms/parse-submission.ts";
import { prefillFrom } from "../forms/presets.ts";
import { settingsOf } from "../operations/settings.ts";
import type { ActionHandler } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

/** The buttons in a form. */
export const formActions: Record<Extract<ActionId, `form.${string}`>, ActionHandler> = {
  async "form.preset"(context, interaction, action) {
    const { view, value } = action;
    if (!view) return await unknownAction(context, interaction, action);
    const { presets } = await settingsOf(context, interaction);
    const preset = presets.find(({ name }) => name === value);
    if (!preset) return PRESET_IS_GONE;
    const { values } = withPlainIds({ ...view, values: view.values ?? {} });
    const channel = conversationIn({ ...view, values }, FIELDS.channel);
    const there = { ...interaction, reply: { ...interaction.reply, channel } };
    fillTwinsForm(context, there, view.id, prefillFrom(preset));
    return undefined;
  },
};
