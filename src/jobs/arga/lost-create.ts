import { ArgaError } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { Run } from "../../runs/run.ts";
import { created, createUnknown } from "../../runs/transitions.ts";
import { type ArgaDeps, type ArgaResult, noteTrouble, updateRunForSure } from "./deps.ts";
import { retryAt } from "./schedule.ts";

/** A create that no one waits for: this process found the intent, and didn't send it itself. */
export async function orphaned(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (run.phase.name === "creating" && deps.creating.has(run.phase.attempt))
    return { run, requeueAt: Date.now() + 2_000 };
  return await lostCreate(deps, run, "I was restarted before Arga's answer arrived.");
}

/** Milliseconds: a create may be applied late, and shows in a list later still. */
const TRACEABLE_AFTER_MS = 3_000;
const TRACE_FOR_MS = 60_000;

/** The answer to a create is lost: what it made is looked for where Arga has a list, and otherwise there is no telling. */
export async function lostCreate(deps: ArgaDeps, run: Run, why: string): Promise<ArgaResult> {
  const { phase } = run;
  const { findCreated } = kindOf(run);
  const unknown = async (): Promise<ArgaResult> => {
    // Whatever turns up in a list may be what it made, and isn't announced as somebody else's.
    if (phase.name === "creating") await deps.store.noteUnclear(run, phase.since);
    return { run: await updateRunForSure(deps, run, (now) => createUnknown(now, why, Date.now())) };
  };
  if (phase.name !== "creating" || !findCreated) return await unknown();
  if (Date.now() < phase.since + TRACEABLE_AFTER_MS)
    return { run, requeueAt: phase.since + TRACEABLE_AFTER_MS };
  try {
    const found = await unclaimed(deps, run, await findCreated(deps.arga, run, phase.since, deps.signal));
    if (Date.now() < phase.since + TRACE_FOR_MS && (await isAmbiguous(deps, run, found)))
      return { run, requeueAt: Date.now() + 1_000 };
    const [id, ...others] = found;
    // Two that look alike: to take one would be to guess.
    if (id === undefined || others.length > 0) return await unknown();
    const next = await updateRunForSure(deps, run, (now) => created(now, { id, status: "" }, Date.now()));
    return { run: next, more: true };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    const isHopeless = error.sent === "refused" || Date.now() > phase.since + TRACE_FOR_MS;
    return isHopeless
      ? await unknown()
      : { run: await noteTrouble(deps, run, error), requeueAt: retryAt(run, error) };
  }
}

/** While another create is on its way that would look alike, what is found may be that one's. */
async function isAmbiguous(deps: ArgaDeps, run: Run, found: readonly string[]): Promise<boolean> {
  if (found.length === 0) return false;
  const { findCreated } = kindOf(run);
  const live = await deps.store.liveRuns(run.team);
  for (const other of live) {
    if (other.id === run.id || other.kind !== run.kind || other.phase.name !== "creating") continue;
    const its = (await findCreated?.(deps.arga, other, other.phase.since, deps.signal)) ?? [];
    if (its.some((id) => found.includes(id))) return true;
  }
  return false;
}

/** Those that no run of this bot is. */
async function unclaimed(deps: ArgaDeps, { team }: Run, ids: readonly string[]): Promise<string[]> {
  const known = await Promise.all(ids.map((id) => deps.store.knows(team, id)));
  return ids.filter((_, i) => !known[i]);
}
