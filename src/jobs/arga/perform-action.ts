import { ArgaAborted, ArgaError, ArgaRateLimited, errorWords } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { actionDone, actionMoved, actionRefused, actionUnclear, obstacle } from "../../runs/actions.ts";
import type { ActionRequest, Run } from "../../runs/run.ts";
import { cancelled, ending, extendedTo, locked } from "../../runs/transitions.ts";
import { type ArgaDeps, type ArgaResult, noteTrouble, updateRun, updateRunForSure } from "./deps.ts";
import { retryAt } from "./schedule.ts";

/** An action that Arga can't be asked for this long is given up, with a reply, in ms. */
const GIVE_UP_MS = 5 * 60_000;

/**
 * Works off the first action request. It is `pending`, then `sending` (written before the request leaves). An extend
 * is then `sent`, and done once Arga's new end was read; everything else is done when Arga says yes.
 */
export async function performAction(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<ArgaResult> {
  switch (request.state.name) {
    case "pending":
      return await begin(deps, run, request);
    case "sending":
      return settled(await judge(deps, run, request));
    case "sent":
      return settled(await extended(deps, run, request, request.state.endsAt));
  }
}

/** It was answered by what was known already: Arga is asked again only for the sake of others. */
const settled = (run: Run): ArgaResult => ({ run, more: run.actionRequests.length > 0 });

async function begin(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<ArgaResult> {
  const now = Date.now();
  const isCallOff = request.action === "teardown" || request.action === "cancel";
  if (!run.arga && isCallOff && run.phase.name === "requested") return await callOff(deps, run, request);
  const why = obstacle(run, request, now) ?? (run.arga ? undefined : "Arga hasn't started it yet");
  if (why) return settled(await updateRun(deps, run, (r) => actionRefused(r, request, why, now)));
  return await sendAction(deps, run, request);
}

/** Nothing was created yet: the run ends here. */
async function callOff(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<ArgaResult> {
  const now = Date.now();
  const by = (r: Run): Run => {
    const done = actionDone(r, request, now);
    return r.phase.name === "requested" ? cancelled(done, now) : r;
  };
  return { run: await updateRun(deps, run, by) };
}

function extended(
  deps: ArgaDeps,
  run: Run,
  request: ActionRequest,
  endsAt: number | undefined,
): Promise<Run> {
  const now = Date.now();
  return updateRun(deps, run, (r) =>
    actionDone(extendedTo(r, endsAt, now, deps.remindBeforeMs), request, now),
  );
}

async function sendAction(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<ArgaResult> {
  if (!run.arga || deps.signal.aborted) return { run };
  const deadline = run.deadline?.at;
  const state: ActionRequest["state"] = {
    name: "sending",
    since: Date.now(),
    ...(deadline ? { deadline } : {}),
  };
  const sending = await updateRun(deps, run, (now) => actionMoved(now, request.key, state));
  try {
    const endsAt = await kindOf(run).act(deps.arga, run.arga, request, deps.signal);
    return {
      run: await updateRunForSure(deps, sending, (now) => actionAccepted(now, request, endsAt)),
      more: true,
    };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    deps.logger.warn({ run: run.id, action: request.action, err: error }, "Arga action failed");
    return await sendFailed(deps, sending, request, error);
  }
}

async function sendFailed(
  deps: ArgaDeps,
  run: Run,
  request: ActionRequest,
  error: ArgaError,
): Promise<ArgaResult> {
  if (error instanceof ArgaAborted) return { run };
  const mayRepeat = error.sent === "no" || error instanceof ArgaRateLimited;
  if (mayRepeat && Date.now() - request.at < GIVE_UP_MS) {
    const back = await updateRun(deps, run, (now) => actionMoved(now, request.key, { name: "pending" }));
    return { run: await noteTrouble(deps, back, error), requeueAt: retryAt(run, error) };
  }
  // A look that answers clears the trouble, so the pause grows with the request's own age.
  if (error.sent === "maybe")
    return { run, requeueAt: Date.now() + Math.min(30_000, 500 + (Date.now() - request.at) / 4) };
  const refused = await updateRun(deps, run, (now) =>
    actionRefused(now, request, errorWords(error), Date.now()),
  );
  return { run: refused, more: true };
}

function actionAccepted(run: Run, request: ActionRequest, endsAt: number | undefined): Run {
  if (request.action === "extend")
    return actionMoved(run, request.key, { name: "sent", ...(endsAt === undefined ? {} : { endsAt }) });
  const now = Date.now();
  if (request.action === "lock") return actionDone(locked(run), request, now);
  // An end that Arga said yes to, whether or not a look shows it yet.
  const isEnd = request.action === "teardown" || request.action === "cancel";
  return actionDone(isEnd ? ending(run, now) : run, request, now);
}

/** It ended before its action requests came to their turn, or by one of them: each is answered. */
export const tooLate = (run: Run): Run =>
  run.actionRequests
    .filter(({ action }) => action !== "save")
    .reduce((r, request) => {
      const isDone = request.state.name === "sending" && kindOf(r).hasHappened(r, request) === true;
      return isDone
        ? actionDone(r, request, Date.now())
        : actionRefused(r, request, "it has already ended", Date.now());
    }, run);

/** The answer was lost. What the last look at Arga shows decides, where it can. */
function judge(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<Run> {
  const happened = kindOf(run).hasHappened(run, request);
  const now = Date.now();
  return updateRun(deps, run, (r) => {
    if (happened === true) return actionDone(r, request, now);
    if (happened === undefined || now - request.at > GIVE_UP_MS) return actionUnclear(r, request, now);
    // It certainly had no effect: it is sent again.
    return actionMoved(r, request.key, { name: "pending" });
  });
}
