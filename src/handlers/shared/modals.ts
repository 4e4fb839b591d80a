import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { saysWith } from "../../views/replies.ts";
import type { Desk, Request } from "./context.ts";
import { patiently, tell } from "./tell.ts";

/**
 * Opens a modal with what is at hand, and fills it when the rest is there: a trigger lives three seconds, Arga may take
 * longer. Nothing waits for it; what goes wrong is told to the person.
 */
export function openAndFill(
  desk: Desk,
  request: Request,
  { first, fill }: { first: ModalView; fill?: () => Promise<ModalView> },
): void {
  const work = async (): Promise<void> => {
    const opened = await desk.slack.call(request.team, "views.open", {
      trigger_id: request.trigger,
      view: first,
    });
    const { id } = (opened as { view?: { id?: string } }).view ?? {};
    if (!fill || !id) return;
    const view = await fill();
    await patiently(() => desk.slack.call(request.team, "views.update", { view_id: id, view }));
  };
  desk.later(
    work().catch(async (error: unknown) => {
      desk.logger.warn({ err: error }, "A modal could not be opened or filled");
      await tell(desk, request, saysWith("That could not be shown. Try once more.", messageOf(error)));
    }),
  );
}

/** Puts other content into a modal that is open. */
export function replaceView(desk: Desk, request: Request, id: string, view: () => Promise<ModalView>): void {
  const work = async (): Promise<void> => {
    const next = await view();
    await patiently(() => desk.slack.call(request.team, "views.update", { view_id: id, view: next }));
  };
  desk.later(
    work().catch((error: unknown) => desk.logger.warn({ err: error }, "A modal could not be changed")),
  );
}
