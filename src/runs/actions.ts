import { queueReply, queueThreadMessage } from "./outbox.ts";
import type { Action, ActionRequest, Reply, Run, ThreadEvent } from "./run.ts";

/** What people want of a run: taken once, worked off in order, each with an answer at its end. */

const SEEN_LIMIT = 200;
const REPORTED = /^(ready|unheard|reminder:\d+(\.\d+)?)$/;

/** Takes a wish, once. */
export function actionRequested(run: Run, wish: ActionRequest): Run {
  if (run.seenKeys.includes(wish.key)) return run;
  return {
    ...run,
    actionRequests: [...run.actionRequests, wish],
    seenKeys: bounded([...run.seenKeys, wish.key]),
  };
}

/** What was told stays remembered; of the wishes, the newest. */
function bounded(taken: string[]): string[] {
  const wishes = taken.filter((key) => !REPORTED.test(key)).slice(-SEEN_LIMIT);
  return taken.filter((key) => REPORTED.test(key) || wishes.includes(key));
}

export const actionMoved = (run: Run, key: string, state: ActionRequest["state"]): Run => ({
  ...run,
  actionRequests: run.actionRequests.map((wish) => (wish.key === key ? { ...wish, state } : wish)),
});

/**
 * It was done and Arga's new state is in the record: the thread and the person are told. Whoever asked for the very
 * same meanwhile gets the same answer, and Arga is not asked again.
 */
export function actionDone(run: Run, wish: ActionRequest, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const end = wish.action === "extend" && run.deadline ? { deadline: run.deadline.at } : {};
  const same = run.actionRequests.filter((other) => other.key !== wish.key && isSameRequest(other, wish));
  const story: ThreadEvent = { type: "acted", action: wish.action, by: wish.by, ...end };
  const what: Reply = { type: "done", action: wish.action, ...end };
  return [wish, ...same].reduce(
    (next, { key, reply }) => queueReply(without(next, key), { key: `done:${key}`, what, reply, since: now }),
    queueThreadMessage(run, `acted:${wish.key}`, story),
  );
}

const isSameRequest = (other: ActionRequest, wish: ActionRequest): boolean =>
  other.state.name === "pending" && other.action === wish.action && other.minutes === wish.minutes;

export function actionRefused(run: Run, wish: ActionRequest, why: string, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const what: Reply = { type: "not_done", action: wish.action, why };
  return queueReply(without(run, wish.key), {
    key: `not_done:${wish.key}`,
    what,
    reply: wish.reply,
    since: now,
  });
}

/** Nobody can tell whether it was done, and doing it twice would do harm. */
export function actionUnclear(run: Run, wish: ActionRequest, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const what: Reply = { type: "unclear", action: wish.action };
  return queueReply(without(run, wish.key), {
    key: `unclear:${wish.key}`,
    what,
    reply: wish.reply,
    since: now,
  });
}

/** Two workers may settle the same wish after a stall; the second finds it settled. */
const isOpen = (run: Run, wish: ActionRequest): boolean =>
  run.actionRequests.some(({ key }) => key === wish.key);

const without = (run: Run, key: string): Run => ({
  ...run,
  actionRequests: run.actionRequests.filter((wish) => wish.key !== key),
});

/** Whether an action makes sense for what the run is now; if not, why, in words for the person who asked. */
export function obstacle(
  run: Run,
  wish: Pick<ActionRequest, "action" | "minutes" | "shorten">,
  now: number,
): string | undefined {
  if (run.phase.name === "ended") return "it has already ended";
  if (run.phase.name === "ending") return "it's already ending";
  const obstacles: Partial<Record<Action, () => string | undefined>> = {
    lock: () => (run.arga?.isPublic === false ? "it's already locked" : needsReady(run)),
    reset: () => needsReady(run),
    extend: () => extendObstacle(run, wish, now),
  };
  return obstacles[wish.action]?.();
}

/** When it ends as far as is known: as Arga says, or else as was asked. ms since the epoch. */
export const expectedEnd = (run: Run): number | undefined =>
  run.deadline?.at ?? (run.ttlMinutes === undefined ? undefined : run.requestedAt + run.ttlMinutes * 60_000);

const needsReady = (run: Run): string | undefined =>
  run.phase.name === "ready" ? undefined : "it isn't ready yet. Try again when the card says it is";

function extendObstacle(
  run: Run,
  wish: Pick<ActionRequest, "minutes" | "shorten">,
  now: number,
): string | undefined {
  if (!run.arga) return "Arga hasn't started it yet. Try again when the card says it has";
  const end = expectedEnd(run);
  if (end === undefined || wish.shorten || wish.minutes === undefined) return undefined;
  const left = end - now;
  if (wish.minutes * 60_000 > left) return undefined;
  const minutes = Math.ceil(left / 60_000);
  return `that's sooner than it ends now, which is in ${minutes} minutes (extending counts from now). Ask for more than ${minutes}, or use \`/arga extend ${run.id} ${wish.minutes} --shorten\` to end it sooner`;
}
