import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { textWithQuote } from "../../views/replies.ts";
import { code } from "../../views/text.ts";
import type { HandlerContext, Interaction } from "./context.ts";
import { replyToUser, withRetries } from "./tell.ts";

/** A modal: how it opens, and how it looks when more is known. */
export interface Modal {
  first: ModalView;
  /** Never throws. */
  fill?: () => Promise<ModalView>;
  /** A command that does the same, for the person for whom it doesn't open. */
  instead?: string;
}

/**
 * Opens a modal with what is at hand, and fills it when the rest is there: a trigger lives three seconds, Arga may take
 * longer. Nothing waits for it; what goes wrong is told to the person.
 */
export function openModal(context: HandlerContext, interaction: Interaction, modal: Modal): void {
  const { instead } = modal;
  const words = instead
    ? `The form didn't open. Try again, or type ${code(instead)}`
    : "I couldn't show that. Try again.";
  context.waitUntil(
    openAndFill(context, interaction, modal).catch(async (error: unknown) => {
      context.logger.warn({ err: error }, "Couldn't open or fill a modal");
      await replyToUser(context, interaction, textWithQuote(words, messageOf(error)));
    }),
  );
}

async function openAndFill(context: HandlerContext, interaction: Interaction, modal: Modal): Promise<void> {
  const { first, fill } = modal;
  const opened = await context.slack.call(interaction.team, "views.open", {
    trigger_id: interaction.trigger,
    view: first,
  });
  const { id, hash } = (opened as { view?: { id?: string; hash?: string } }).view ?? {};
  if (!fill || !id) return;
  const view = await fill();
  if (JSON.stringify(view) === JSON.stringify(first)) return;
  // A form is of use as it opened, or closed already.
  if (first.submit) updateModal(context, interaction, { id, ...(hash ? { hash } : {}) }, async () => view);
  else await update(context, interaction.team, { id }, view);
}

/** With a hash, it's left as it is if it was changed since. */
interface OpenedModal {
  id: string;
  hash?: string;
}

/** Puts other content into a modal that is open. */
export function updateModal(
  context: HandlerContext,
  { team }: Interaction,
  which: string | OpenedModal,
  view: () => Promise<ModalView>,
): void {
  const modal = typeof which === "string" ? { id: which } : which;
  const work = async (): Promise<void> => update(context, team, modal, await view());
  context.waitUntil(
    work().catch((error: unknown) => context.logger.warn({ err: error }, "Couldn't update a modal")),
  );
}

async function update(
  context: HandlerContext,
  team: string,
  { id, hash }: OpenedModal,
  view: ModalView,
): Promise<void> {
  const unless = hash === undefined ? {} : { hash };
  await withRetries(() => context.slack.call(team, "views.update", { view_id: id, view, ...unless }));
}
