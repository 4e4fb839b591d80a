import { queueReply, queueThreadMessage } from "./outbox.ts";
import type { Action, ActionRequest, Reply, Run } from "./run.ts";

/** What people want of a run: taken once, worked off in order, each with a reply at its end. */

const SEEN_LIMIT = 200;
const REPORTED = /^(ready|unheard|reminder:\d+(\.\d+)?)$/;

/** Takes an action request, once. */
export function actionRequested(run: Run, request: ActionRequest): Run {
  if (run.seenKeys.includes(request.key)) return run;
  return {
    ...run,
    actionRequests: [...run.actionRequests, request],
    seenKeys: bounded([...run.seenKeys, request.key]),
  };
}

/** What was said stays remembered; of the requests, the newest. */
function bounded(taken: string[]): string[] {
  const requests = taken.filter((key) => !REPORTED.test(key)).slice(-SEEN_LIMIT);
  return taken.filter((key) => REPORTED.test(key) || requests.includes(key));
}

export const actionMoved = (run: Run, key: string, state: ActionRequest["state"]): Run => ({
  ...run,
  actionRequests: run.actionRequests.map((request) =>
    request.key === key ? { ...request, state } : request,
  ),
});

/**
 * It was done, and Arga's new state is in the record: the thread and the person hear of it. Whoever asked for the same
 * meanwhile gets the same reply, and Arga isn't asked again.
 */
export function actionDone(run: Run, request: ActionRequest, now: number): Run {
  if (!isOpen(run, request)) return run;
  const end = request.action === "extend" && run.deadline ? { deadline: run.deadline.at } : {};
  const same = run.actionRequests.filter(
    (other) => other.key !== request.key && isSameRequest(other, request),
  );
  const what: Reply = { type: "done", action: request.action, ...end };
  return [request, ...same].reduce(
    (next, { key, reply }) => {
      const done = without(next, key);
      return reply.isAtCard ? done : queueReply(done, { key: `done:${key}`, what, reply, since: now });
    },
    withStory(run, request, end),
  );
}

/** The thread hears who did what; of an end, together with the end itself. */
function withStory(run: Run, { key, action, by }: ActionRequest, end: { deadline?: number }): Run {
  if (action === "teardown" || action === "cancel") return { ...run, endedBy: run.endedBy ?? by };
  return queueThreadMessage(run, `acted:${key}`, { type: "acted", action, by, ...end });
}

const isSameRequest = (other: ActionRequest, request: ActionRequest): boolean =>
  other.state.name === "pending" && other.action === request.action && other.minutes === request.minutes;

export function actionRefused(run: Run, request: ActionRequest, why: string, now: number): Run {
  if (!isOpen(run, request)) return run;
  const what: Reply = { type: "not_done", action: request.action, why };
  return queueReply(without(run, request.key), {
    key: `not_done:${request.key}`,
    what,
    reply: request.reply,
    since: now,
  });
}

/** There is no way to tell whether it was done, and doing it twice would do harm. */
export function actionUnclear(run: Run, request: ActionRequest, now: number): Run {
  if (!isOpen(run, request)) return run;
  const what: Reply = { type: "unclear", action: request.action };
  return queueReply(without(run, request.key), {
    key: `unclear:${request.key}`,
    what,
    reply: request.reply,
    since: now,
  });
}

/** Two workers may settle the same request after a stall; the second finds it settled. */
const isOpen = (run: Run, request: ActionRequest): boolean =>
  run.actionRequests.some(({ key }) => key === request.key);

const without = (run: Run, key: string): Run => ({
  ...run,
  actionRequests: run.actionRequests.filter((request) => request.key !== key),
});

/** Whether an action makes sense for what the run is now; if not, why, in words for the person who asked. */
export function obstacle(
  run: Run,
  request: Pick<ActionRequest, "action" | "minutes" | "shorten">,
  now: number,
): string | undefined {
  if (run.phase.name === "ended") return "it has already ended";
  if (run.phase.name === "ending") return "it's already ending";
  const obstacles: Partial<Record<Action, () => string | undefined>> = {
    lock: () => (run.arga?.isPublic === false ? "it's already locked" : needsReady(run)),
    reset: () => needsReady(run),
    extend: () => extendObstacle(run, request, now),
  };
  return obstacles[request.action]?.();
}

/** When it ends, as far as is known: as Arga says, or else as was asked. ms since the epoch. */
export const expectedEnd = (run: Run): number | undefined =>
  run.deadline?.at ?? (run.ttlMinutes === undefined ? undefined : run.requestedAt + run.ttlMinutes * 60_000);

const needsReady = (run: Run): string | undefined =>
  run.phase.name === "ready" ? undefined : "it isn't ready yet. Try again when the card says it is";

function extendObstacle(
  run: Run,
  request: Pick<ActionRequest, "minutes" | "shorten">,
  now: number,
): string | undefined {
  if (!run.arga) return "Arga hasn't started it yet. Try again when the card says it has";
  const end = expectedEnd(run);
  if (end === undefined || request.shorten || request.minutes === undefined) return undefined;
  const left = end - now;
  if (request.minutes * 60_000 > left) return undefined;
  const minutes = Math.ceil(left / 60_000);
  return `that's sooner than it ends now, which is in ${minutes} minutes (extending counts from now). Ask for more than ${minutes}, or use \`/arga extend ${run.id} ${request.minutes} --shorten\` to end it sooner`;
}
