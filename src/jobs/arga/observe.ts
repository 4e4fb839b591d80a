import { ArgaError } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { Run, RunRef } from "../../runs/run.ts";
import { lookedAt, type Observation, reminded } from "../../runs/transitions.ts";
import type { RunResult } from "../reconciler.ts";
import { type ArgaDeps, noteTrouble, updateRun } from "./deps.ts";
import { endIn, interpret, overdue } from "./interpret.ts";
import { tooLate } from "./perform-action.ts";
import { retryAt } from "./schedule.ts";

/** Looks at the run and notes what it finds; `stamp` is what a list said of it, for the next comparison. */
export async function observe(deps: ArgaDeps, run: Run, stamp?: string): Promise<RunResult> {
  return await observeWith(deps, run, (found) =>
    recordObservation(deps, run, stamp === undefined ? found : { ...found, arga: { ...found.arga, stamp } }),
  );
}

/** Looks at a run for its follower, and leaves its end to be noted when all was read; whether it goes on. */
export const observeForFollower =
  (deps: ArgaDeps) =>
  async (ref: RunRef): Promise<boolean> => {
    const run = await deps.store.get(ref);
    return run !== undefined && run.phase.name !== "ended" && (await goesOn(deps, run));
  };

async function goesOn(deps: ArgaDeps, run: Run): Promise<boolean> {
  let isOver = false;
  await observeWith(deps, run, async (found) => {
    isOver = found.state === "ended";
    return isOver ? run : await recordObservation(deps, run, found);
  });
  return !isOver;
}

async function observeWith(
  deps: ArgaDeps,
  run: Run,
  use: (found: Observation) => Promise<Run>,
): Promise<RunResult> {
  if (!run.arga) return { run };
  try {
    return { run: await use(interpret(run, await kindOf(run).observe(deps.arga, run.arga, deps.signal))) };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    const ended = endIn(run, error) ?? overdue(run);
    if (ended) return { run: await use(ended) };
    const troubled = await noteTrouble(deps, run, error);
    // Arga's silence doesn't excuse ours: the end is as near as it was.
    const next = await updateRun(deps, troubled, (now) => reminded(now, Date.now()));
    return { run: next, requeueAt: retryAt(run, error) };
  }
}

/** Writes what a look found. A look that found nothing new writes nothing. */
export async function recordObservation(deps: ArgaDeps, run: Run, seen: Observation): Promise<Run> {
  const next = await updateRun(deps, run, (now) => {
    const next = lookedAt(now, seen, Date.now(), deps.remindBeforeMs);
    // In one write with the end, so that the thread says who asked for it before it says that it ended.
    return next !== now && next.phase.name === "ended" ? tooLate(next) : next;
  });
  deps.lifetimes.note(run, next);
  return next;
}
