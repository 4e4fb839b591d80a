import type { ModalView } from "@slack/types";
import type { ActionId } from "../../slack/ids.ts";
import {
  FIELDS,
  type FormContext,
  isSubject,
  type SubjectPrefill,
  sandboxForm,
  validateForm,
} from "../../views/forms.ts";
import { PRESET_IS_GONE } from "../../views/replies.ts";
import { fillTwinsForm, redrawForm, redrawTestForm } from "../forms/open.ts";
import { conversationIn, testPrefillOf, withPlainIds } from "../forms/parse-submission.ts";
import { prefillFrom } from "../forms/presets.ts";
import { settingsOf } from "../operations/settings.ts";
import type { Interaction } from "../shared/context.ts";
import type { ActionHandler, Submission } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

/** Where the form says that its card is to go. */
const at = (interaction: Interaction, submission: Submission): Interaction => ({
  ...interaction,
  reply: { ...interaction.reply, channel: conversationIn(submission, FIELDS.channel) },
});

/** Asks for what the chosen subject needs. */
function redrawn(draw: (context: FormContext, prefill: SubjectPrefill) => ModalView): ActionHandler {
  return async (context, interaction, action) => {
    const { view, value } = action;
    if (!view || !isSubject(value)) return await unknownAction(context, interaction, action);
    const there = at(interaction, { ...view, values: view.values ?? {} });
    redrawForm(context, there, view.id, (drawing) => draw(drawing, { subject: value }));
    return undefined;
  };
}

/** The buttons in a form, and what else changes it. */
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

  async "form.saved"(context, interaction, action) {
    const { view, value } = action;
    if (!view) return await unknownAction(context, interaction, action);
    const submission = { ...view, values: view.values ?? {} };
    const prefill = { ...testPrefillOf(submission), saved: value };
    await redrawTestForm(context, at(interaction, submission), view.id, prefill);
    return undefined;
  },

  "form.subject": redrawn(validateForm),
  "form.code": redrawn(sandboxForm),
};
