import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { plainly } from "../../views/card.ts";
import { saysWith } from "../../views/replies.ts";
import { code } from "../../views/text.ts";
import type { Desk, Request } from "../shared/context.ts";
import { replaceView } from "../shared/modals.ts";
import { patiently, tell } from "../shared/tell.ts";

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
export function openForm(desk: Desk, request: Request, form: Form): void {
  desk.later(openAndGoOver(desk, request, form));
}

async function openAndGoOver(desk: Desk, request: Request, form: Form): Promise<void> {
  const id = await opened(desk, request, form.first).catch(async (error: unknown) => {
    desk.logger.warn({ err: error }, "A form could not be opened");
    await tellUnopened(desk, request, form, error);
  });
  if (!id) return;
  const next = await form.fill();
  if (JSON.stringify(next) !== JSON.stringify(form.first)) replaceView(desk, request, id, async () => next);
}

async function opened(desk: Desk, request: Request, view: ModalView): Promise<string | undefined> {
  const answer = await desk.slack.call(request.team, "views.open", { trigger_id: request.trigger, view });
  return (answer as { view?: { id?: string } }).view?.id;
}

async function tellUnopened(desk: Desk, request: Request, { instead }: Form, error: unknown): Promise<void> {
  const words = `The form did not open. Try once more, or type ${code(instead)}`;
  const content = saysWith(words, messageOf(error));
  if (request.reply.url || request.reply.channel) return await tell(desk, request, content);
  // A global shortcut comes from nowhere.
  const message = { channel: request.actor.id, ...plainly(content) };
  await patiently(() => desk.slack.call(request.team, "chat.postMessage", message));
}
