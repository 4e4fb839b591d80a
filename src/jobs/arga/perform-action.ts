import { ArgaAborted, ArgaError, ArgaRateLimited } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { actionDone, actionMoved, actionRefused, actionUnclear, obstacle } from "../../runs/actions.ts";
import type { ActionRequest, Run } from "../../runs/run.ts";
import { cancelled, ending, extendedTo, locked } from "../../runs/transitions.ts";
import { type ArgaResult, retryAt } from "./create.ts";
import { type ArgaDeps, errorWords, noteTrouble, updateRun, updateRunForSure } from "./deps.ts";

/** A wish that Arga could not be told of for this long is given up, and its person told. */
const GIVE_UP_MS = 5 * 60_000;

/**
 * Works off the first wish. A wish is `pending`, then `sending` (written before the request leaves). An extension
 * is then `sent`, and done once Arga's new end was read; everything else is done when Arga says yes.
 */
export async function performAction(deps: ArgaDeps, run: Run, wish: ActionRequest): Promise<ArgaResult> {
  const now = Date.now();
  const { state } = wish;
  if (state.name === "sent") {
    const extended = (r: Run): Run => extendedTo(r, state.endsAt, now, deps.remindBeforeMs);
    return { run: await updateRun(deps, run, (r) => actionDone(extended(r), wish, now)), more: true };
  }
  if (state.name === "sending") return { run: await settle(deps, run, wish), more: true };
  const isCallOff = wish.action === "teardown" || wish.action === "cancel";
  if (!run.arga && isCallOff && run.phase.name === "requested") return await callOff(deps, run, wish);
  const why = obstacle(run, wish, now) ?? (run.arga ? undefined : "Arga has not taken it yet");
  if (why) return { run: await updateRun(deps, run, (r) => actionRefused(r, wish, why, now)), more: true };
  return await sendAction(deps, run, wish);
}

/** Nothing was created yet: the run ends here. */
async function callOff(deps: ArgaDeps, run: Run, wish: ActionRequest): Promise<ArgaResult> {
  const now = Date.now();
  return {
    run: await updateRun(deps, run, (r) =>
      r.phase.name === "requested" ? cancelled(actionDone(r, wish, now), now) : r,
    ),
  };
}

async function sendAction(deps: ArgaDeps, run: Run, wish: ActionRequest): Promise<ArgaResult> {
  if (!run.arga || deps.signal.aborted) return { run };
  const deadline = run.deadline?.at;
  const state: ActionRequest["state"] = {
    name: "sending",
    since: Date.now(),
    ...(deadline ? { deadline } : {}),
  };
  const sending = await updateRun(deps, run, (now) => actionMoved(now, wish.key, state));
  try {
    const endsAt = await kindOf(run).act(deps.arga, run.arga, wish, deps.signal);
    return {
      run: await updateRunForSure(deps, sending, (now) => actionAccepted(now, wish, endsAt)),
      more: true,
    };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    deps.logger.warn({ run: run.id, action: wish.action, err: error }, "Arga did not take an action");
    return await sendFailed(deps, sending, wish, error);
  }
}

async function sendFailed(
  deps: ArgaDeps,
  run: Run,
  wish: ActionRequest,
  error: ArgaError,
): Promise<ArgaResult> {
  if (error instanceof ArgaAborted) return { run };
  const mayRepeat = error.sent === "no" || error instanceof ArgaRateLimited;
  if (mayRepeat && Date.now() - wish.at < GIVE_UP_MS) {
    const back = await updateRun(deps, run, (now) => actionMoved(now, wish.key, { name: "pending" }));
    return { run: await noteTrouble(deps, back, error), requeueAt: retryAt(run, error) };
  }
  // A look that answers clears the trouble, so the pause grows with the wish's own age.
  if (error.sent === "maybe")
    return { run, requeueAt: Date.now() + Math.min(30_000, 500 + (Date.now() - wish.at) / 4) };
  return {
    run: await updateRun(deps, run, (now) => actionRefused(now, wish, errorWords(error), Date.now())),
    more: true,
  };
}

function actionAccepted(run: Run, wish: ActionRequest, endsAt: number | undefined): Run {
  if (wish.action === "extend")
    return actionMoved(run, wish.key, { name: "sent", ...(endsAt === undefined ? {} : { endsAt }) });
  const now = Date.now();
  if (wish.action === "lock") return actionDone(locked(run), wish, now);
  // An end that Arga said yes to, whether or not a look shows it yet.
  const isEnd = wish.action === "teardown" || wish.action === "cancel";
  return actionDone(isEnd ? ending(run, now) : run, wish, now);
}

/** It ended before its wishes came to their turn, or by one of them: each is answered. */
export const tooLate = (run: Run): Run =>
  run.actionRequests.reduce((r, wish) => {
    const isDone = wish.state.name === "sending" && kindOf(r).hasHappened(r, wish) === true;
    return isDone
      ? actionDone(r, wish, Date.now())
      : actionRefused(r, wish, "it has already ended", Date.now());
  }, run);

/** The answer was lost. What the last look at Arga shows decides, where it can. */
function settle(deps: ArgaDeps, run: Run, wish: ActionRequest): Promise<Run> {
  const happened = kindOf(run).hasHappened(run, wish);
  const now = Date.now();
  return updateRun(deps, run, (r) => {
    if (happened === true) return actionDone(r, wish, now);
    if (happened === undefined || now - wish.at > GIVE_UP_MS) return actionUnclear(r, wish, now);
    // It certainly had no effect: it is sent again.
    return actionMoved(r, wish.key, { name: "pending" });
  });
}
