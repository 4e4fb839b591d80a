import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { basicContent } from "../../views/card.ts";
import { textWithQuote } from "../../views/replies.ts";
import { code } from "../../views/text.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { replaceView } from "../shared/modals.ts";
import { replyToUser, withRetries } from "../shared/tell.ts";

/** A form: how it opens, and how it looks when more is known; the same inputs stand in both. */
export interface Form {
  first: ModalView;
  /** Never throws. */
  fill: () => Promise<ModalView>;
  /** What can be typed instead. */
  instead: string;
}

/**
 * Opens a form at once and goes over it when Arga has answered. Nothing waits for either. If it does not open, the
 * person is told; what fails afterwards concerns nobody: the form works without, or is closed already.
 */
export function openForm(context: HandlerContext, interaction: Interaction, form: Form): void {
  context.waitUntil(openAndGoOver(context, interaction, form));
}

async function openAndGoOver(context: HandlerContext, interaction: Interaction, form: Form): Promise<void> {
  const id = await opened(context, interaction, form.first).catch(async (error: unknown) => {
    context.logger.warn({ err: error }, "A form could not be opened");
    await tellUnopened(context, interaction, form, error);
  });
  if (!id) return;
  const next = await form.fill();
  if (JSON.stringify(next) !== JSON.stringify(form.first))
    replaceView(context, interaction, id, async () => next);
}

async function opened(
  context: HandlerContext,
  interaction: Interaction,
  view: ModalView,
): Promise<string | undefined> {
  const answer = await context.slack.call(interaction.team, "views.open", {
    trigger_id: interaction.trigger,
    view,
  });
  return (answer as { view?: { id?: string } }).view?.id;
}

async function tellUnopened(
  context: HandlerContext,
  interaction: Interaction,
  { instead }: Form,
  error: unknown,
): Promise<void> {
  const words = `The form did not open. Try once more, or type ${code(instead)}`;
  const content = textWithQuote(words, messageOf(error));
  if (interaction.reply.url || interaction.reply.channel)
    return await replyToUser(context, interaction, content);
  // A global shortcut comes from nowhere.
  const message = { channel: interaction.actor.id, ...basicContent(content) };
  await withRetries(() => context.slack.call(interaction.team, "chat.postMessage", message));
}
