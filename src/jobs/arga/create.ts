import { randomUUID } from "node:crypto";
import { ArgaAborted, ArgaError, ArgaRateLimited, ArgaUnsendable } from "../../api/errors.ts";
import { isNoRoute } from "../../api/failures.ts";
import { kindOf } from "../../kinds/index.ts";
import { type Plan, preflight } from "../../kinds/preflight.ts";
import type { Run } from "../../runs/run.ts";
import {
  checked,
  created,
  createRefused,
  createUnknown,
  creating,
  notCreated,
  rejected,
} from "../../runs/transitions.ts";
import type { RunResult } from "../reconciler.ts";
import { type ArgaDeps, errorWords, noteTrouble, updateRun, updateRunForSure } from "./deps.ts";

/** What a piece of work at Arga left. */
export interface ArgaResult extends RunResult {
  /** There may be more to do at once. */
  more?: boolean;
  /** Somebody else watches the run at Arga. */
  isWatched?: boolean;
}

/** A request nobody could act on for this long is given up: twins that appear an hour later help nobody. */
const GIVE_UP_MS = 10 * 60_000;

/** Before the create: the names are looked up, then the card must stand, then Arga is asked. */
export async function startAtArga(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (run.phase.name !== "requested") return { run };
  if (Date.now() - run.requestedAt > GIVE_UP_MS) return { run: await giveUp(deps, run) };
  if (!run.phase.checked) return await check(deps, run);
  if (run.card.state !== "posted") return { run };
  return await create(deps, run);
}

function giveUp(deps: ArgaDeps, run: Run): Promise<Run> {
  const why = `Nothing was created: for ten minutes it could not be done. ${run.trouble?.text ?? ""}`.trim();
  return updateRun(deps, run, (now) => rejected(now, why, Date.now()));
}

async function check(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  const kind = kindOf(run);
  const needs = kind.needs(kind.spec(run));
  try {
    const catalog = needs.twins.length > 0 ? await deps.argaCache.catalog.get(deps.signal) : undefined;
    const problem = preflight(needs, { catalog, plan: await planOf(deps) });
    const by = problem
      ? (now: Run) => rejected(now, problem.why, Date.now(), problem.tryThis)
      : (now: Run) => checked(now);
    const next = await updateRun(deps, run, by);
    return next.phase.name === "requested" ? await startAtArga(deps, next) : { run: next };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    return await checkFailed(deps, run, error);
  }
}

/** Milliseconds; without an answer, Arga itself says later what the plan does not allow. */
const PLAN_PATIENCE_MS = 2_000;

async function planOf(deps: ArgaDeps): Promise<Plan | undefined> {
  const inTime = AbortSignal.any([deps.signal, AbortSignal.timeout(PLAN_PATIENCE_MS)]);
  try {
    return await deps.argaCache.plan.get(inTime);
  } catch (error) {
    if (error instanceof ArgaError) return undefined;
    throw error;
  }
}

/** Without a catalog Arga itself will say which names it does not know; a wrong key or address will not mend itself. */
async function checkFailed(deps: ArgaDeps, run: Run, error: ArgaError): Promise<ArgaResult> {
  if (isNoRoute(error)) return await startAtArga(deps, await updateRun(deps, run, checked));
  const isFinal = error.sent === "refused" && !(error instanceof ArgaRateLimited);
  if (isFinal)
    return { run: await updateRun(deps, run, (now) => rejected(now, errorWords(error), Date.now())) };
  return { run: await noteTrouble(deps, run, error), requeueAt: retryAt(run, error) };
}

/** Creates that this process is waiting for: none of them is an orphan, however long Redis was away. */
const underWay = new Set<string>();

/** The intent first, then the request: whoever finds an intent without an answer must not send it again. */
async function create(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (deps.signal.aborted) return { run };
  const intent = await updateRun(deps, run, (now) =>
    now.phase.name === "requested" ? creating(now, randomUUID(), Date.now()) : now,
  );
  if (intent.phase.name !== "creating") return { run: intent };
  const { attempt } = intent.phase;
  underWay.add(attempt);
  return await send(deps, intent).finally(() => underWay.delete(attempt));
}

async function send(deps: ArgaDeps, intent: Run): Promise<ArgaResult> {
  const kind = kindOf(intent);
  try {
    const made = await kind.start(deps.arga, kind.spec(intent), deps.signal);
    if (made.legacy)
      deps.logger.info({ run: intent.id }, "Arga does not know /twin-runs; its legacy routes are used");
    const next = await updateRunForSure(deps, intent, (now) => created(now, made, Date.now()));
    // Another worker took this one for dead and said that nobody knows; the card keeps to that.
    if (next.arga?.id !== made.id)
      deps.logger.error(
        { run: intent.id, arga: made.id },
        "A run was created that its card does not know of",
      );
    return { run: next, more: true };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    return await createFailed(deps, intent, error);
  }
}

async function createFailed(deps: ArgaDeps, run: Run, error: ArgaError): Promise<ArgaResult> {
  deps.logger.warn({ run: run.id, err: error }, "Arga did not take a create");
  // What cannot be sent now cannot be sent later.
  const isHopeless = error.sent === "refused" || error instanceof ArgaUnsendable;
  const isEarly = error.sent === "no" || error instanceof ArgaRateLimited;
  if (isEarly && !(error instanceof ArgaUnsendable)) {
    const back = await updateRunForSure(deps, run, notCreated);
    return { run: await noteTrouble(deps, back, error), requeueAt: retryAt(run, error) };
  }
  // Given up by our own end: the next process finds the intent and says the same.
  if (error instanceof ArgaAborted) return { run };
  if (isHopeless)
    return {
      run: await updateRunForSure(deps, run, (now) => createRefused(now, errorWords(error), Date.now())),
    };
  return await lost(deps, run, errorWords(error));
}

/** A create that nobody waits for the answer of: this process found the intent, it did not send it. */
export async function orphaned(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (run.phase.name === "creating" && underWay.has(run.phase.attempt))
    return { run, requeueAt: Date.now() + 2_000 };
  return await lost(deps, run, "The bot was stopped between asking Arga for it and hearing the answer.");
}

/** Milliseconds: a create may be applied late, and shows in a list later still. */
const TRACEABLE_AFTER_MS = 3_000;
const TRACE_FOR_MS = 60_000;

/** The answer to a create is lost: what it made is looked for where Arga has a list, and otherwise nobody knows. */
async function lost(deps: ArgaDeps, run: Run, why: string): Promise<ArgaResult> {
  const { phase } = run;
  const { findCreated } = kindOf(run);
  const unknown = async (): Promise<ArgaResult> => ({
    run: await updateRunForSure(deps, run, (now) => createUnknown(now, why, Date.now())),
  });
  if (phase.name !== "creating" || !findCreated) return await unknown();
  if (Date.now() < phase.since + TRACEABLE_AFTER_MS)
    return { run, requeueAt: phase.since + TRACEABLE_AFTER_MS };
  try {
    if (Date.now() < phase.since + TRACE_FOR_MS && (await isAmbiguous(deps, run)))
      return { run, requeueAt: Date.now() + 1_000 };
    const [id, ...others] = await unclaimed(
      deps,
      run,
      await findCreated(deps.arga, run, phase.since, deps.signal),
    );
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

/** While another create of the same kind is on its way, what is found may be that one's. */
async function isAmbiguous(deps: ArgaDeps, run: Run): Promise<boolean> {
  const live = await deps.store.liveRuns(run.team);
  return live.some(
    (other) => other.id !== run.id && other.kind === run.kind && other.phase.name === "creating",
  );
}

/** Those that no run of this bot is. */
async function unclaimed(deps: ArgaDeps, { team }: Run, ids: readonly string[]): Promise<string[]> {
  const known = await Promise.all(ids.map((id) => deps.store.byArga(team, id)));
  return ids.filter((_, i) => known[i] === undefined);
}

/** Arga's own word on when to come back, else a few seconds that grow with the time it has lasted. */
export function retryAt(run: Run, error: ArgaError): number {
  const lasted = Date.now() - (run.trouble?.since ?? Date.now());
  const wait = error.retryAfterMs ?? Math.min(30_000, 1_000 + lasted / 4);
  return Date.now() + wait * (0.8 + Math.random() * 0.4);
}
