import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { textWithQuote } from "../../views/replies.ts";
import type { HandlerContext, Interaction } from "./context.ts";
import { replyToUser, withRetries } from "./tell.ts";

/**
 * Opens a modal with what is at hand, and fills it when the rest is there: a trigger lives three seconds, Arga may take
 * longer. Nothing waits for it; what goes wrong is told to the person.
 */
export function openAndFill(
  context: HandlerContext,
  interaction: Interaction,
  { first, fill }: { first: ModalView; fill?: () => Promise<ModalView> },
): void {
  const work = async (): Promise<void> => {
    const opened = await context.slack.call(interaction.team, "views.open", {
      trigger_id: interaction.trigger,
      view: first,
    });
    const { id } = (opened as { view?: { id?: string } }).view ?? {};
    if (!fill || !id) return;
    const view = await fill();
    await withRetries(() => context.slack.call(interaction.team, "views.update", { view_id: id, view }));
  };
  context.waitUntil(
    work().catch(async (error: unknown) => {
      context.logger.warn({ err: error }, "A modal could not be opened or filled");
      await replyToUser(
        context,
        interaction,
        textWithQuote("That could not be shown. Try once more.", messageOf(error)),
      );
    }),
  );
}

/** Puts other content into a modal that is open. */
export function replaceView(
  context: HandlerContext,
  interaction: Interaction,
  id: string,
  view: () => Promise<ModalView>,
): void {
  const work = async (): Promise<void> => {
    const next = await view();
    await withRetries(() =>
      context.slack.call(interaction.team, "views.update", { view_id: id, view: next }),
    );
  };
  context.waitUntil(
    work().catch((error: unknown) => context.logger.warn({ err: error }, "A modal could not be changed")),
  );
}
