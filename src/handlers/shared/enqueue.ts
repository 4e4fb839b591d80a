import type { RunRef } from "../../runs/run.ts";
import type { HandlerContext } from "./context.ts";

/**
 * Enqueues a run whose record was just written, or is being written. That is kept, so Slack needn't wait for more; what
 * can't be enqueued now, the sweep finds.
 */
export function enqueueKept(
  context: HandlerContext,
  run: RunRef,
  queues: readonly ("arga" | "slack")[],
): void {
  context.waitUntil(
    Promise.all(queues.map((queue) => context.queues.enqueue(queue, run))).catch((error: unknown) =>
      context.logger.warn({ run: run.id, err: error }, "Couldn't enqueue the run; the sweep will pick it up"),
    ),
  );
}
