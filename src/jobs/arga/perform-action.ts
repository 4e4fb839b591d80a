import { ArgaAborted, ArgaError, ArgaRateLimited } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { obstacle, wishDone, wishMoved, wishRefused, wishUnclear } from "../../runs/actions.ts";
import type { Run, Wish } from "../../runs/run.ts";
import { cancelled, ending, extendedTo, locked } from "../../runs/transitions.ts";
import { type Done, soon } from "./create.ts";
import { type ArgaSideOptions, change, changeForSure, inTrouble, wordsFor } from "./deps.ts";

/** A wish that Arga could not be told of for this long is given up, and its person told. */
const GIVE_UP_MS = 5 * 60_000;

/**
 * Works off the first wish. A wish is `pending`, then `sending` (written before the request leaves). An extension
 * is then `sent`, and done once Arga's new end was read; everything else is done when Arga says yes.
 */
export async function grant(side: ArgaSideOptions, run: Run, wish: Wish): Promise<Done> {
  const now = Date.now();
  const { state } = wish;
  if (state.name === "sent") {
    const extended = (r: Run): Run => extendedTo(r, state.endsAt, now, side.remindBeforeMs);
    return { run: await change(side, run, (r) => wishDone(extended(r), wish, now)), more: true };
  }
  if (state.name === "sending") return { run: await settle(side, run, wish), more: true };
  const isCallOff = wish.action === "teardown" || wish.action === "cancel";
  if (!run.arga && isCallOff && run.phase.name === "requested") return await callOff(side, run, wish);
  const why = obstacle(run, wish, now) ?? (run.arga ? undefined : "Arga has not taken it yet");
  if (why) return { run: await change(side, run, (r) => wishRefused(r, wish, why, now)), more: true };
  return await send(side, run, wish);
}

/** Nothing was created yet: the run ends here. */
async function callOff(side: ArgaSideOptions, run: Run, wish: Wish): Promise<Done> {
  const now = Date.now();
  return {
    run: await change(side, run, (r) =>
      r.phase.name === "requested" ? cancelled(wishDone(r, wish, now), now) : r,
    ),
  };
}

async function send(side: ArgaSideOptions, run: Run, wish: Wish): Promise<Done> {
  if (!run.arga || side.signal.aborted) return { run };
  const deadline = run.deadline?.at;
  const state: Wish["state"] = { name: "sending", since: Date.now(), ...(deadline ? { deadline } : {}) };
  const sending = await change(side, run, (now) => wishMoved(now, wish.key, state));
  try {
    const endsAt = await kindOf(run).act(side.arga, run.arga, wish, side.signal);
    return { run: await changeForSure(side, sending, (now) => accepted(now, wish, endsAt)), more: true };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    side.logger.warn({ run: run.id, action: wish.action, err: error }, "Arga did not take an action");
    return await sendFailed(side, sending, wish, error);
  }
}

async function sendFailed(side: ArgaSideOptions, run: Run, wish: Wish, error: ArgaError): Promise<Done> {
  if (error instanceof ArgaAborted) return { run };
  const mayRepeat = error.sent === "no" || error instanceof ArgaRateLimited;
  if (mayRepeat && Date.now() - wish.at < GIVE_UP_MS) {
    const back = await change(side, run, (now) => wishMoved(now, wish.key, { name: "pending" }));
    return { run: await inTrouble(side, back, error), next: soon(run, error) };
  }
  // A look that answers clears the trouble, so the pause grows with the wish's own age.
  if (error.sent === "maybe")
    return { run, next: Date.now() + Math.min(30_000, 500 + (Date.now() - wish.at) / 4) };
  return {
    run: await change(side, run, (now) => wishRefused(now, wish, wordsFor(error), Date.now())),
    more: true,
  };
}

function accepted(run: Run, wish: Wish, endsAt: number | undefined): Run {
  if (wish.action === "extend")
    return wishMoved(run, wish.key, { name: "sent", ...(endsAt === undefined ? {} : { endsAt }) });
  const now = Date.now();
  if (wish.action === "lock") return wishDone(locked(run), wish, now);
  // An end that Arga said yes to, whether or not a look shows it yet.
  const isEnd = wish.action === "teardown" || wish.action === "cancel";
  return wishDone(isEnd ? ending(run, now) : run, wish, now);
}

/** It ended before its wishes came to their turn, or by one of them: each is answered. */
export const tooLate = (run: Run): Run =>
  run.wishes.reduce((r, wish) => {
    const isDone = wish.state.name === "sending" && kindOf(r).hasHappened(r, wish) === true;
    return isDone ? wishDone(r, wish, Date.now()) : wishRefused(r, wish, "it has already ended", Date.now());
  }, run);

/** The answer was lost. What the last look at Arga shows decides, where it can. */
function settle(side: ArgaSideOptions, run: Run, wish: Wish): Promise<Run> {
  const happened = kindOf(run).hasHappened(run, wish);
  const now = Date.now();
  return change(side, run, (r) => {
    if (happened === true) return wishDone(r, wish, now);
    if (happened === undefined || now - wish.at > GIVE_UP_MS) return wishUnclear(r, wish, now);
    // It certainly had no effect: it is sent again.
    return wishMoved(r, wish.key, { name: "pending" });
  });
}
