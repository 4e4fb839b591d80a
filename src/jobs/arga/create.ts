import { randomUUID } from "node:crypto";
import { ArgaAborted, ArgaError, ArgaRateLimited, ArgaUnsendable, errorWords } from "../../api/errors.ts";
import { isNoRoute } from "../../api/failures.ts";
import { kindOf } from "../../kinds/index.ts";
import type { Needs } from "../../kinds/kind.ts";
import { findNames, type KnownNames } from "../../kinds/names.ts";
import { type Plan, preflight } from "../../kinds/preflight.ts";
import type { Run } from "../../runs/run.ts";
import { checked, created, createRefused, creating, notCreated, rejected } from "../../runs/transitions.ts";
import { type ArgaDeps, type ArgaResult, noteTrouble, updateRun, updateRunForSure } from "./deps.ts";
import { lostCreate } from "./lost-create.ts";
import { retryAt } from "./schedule.ts";

/** A start that isn't possible for this long is given up: twins that appear an hour later are no help. */
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
  const why = `I tried for ten minutes and couldn't start it. ${run.trouble?.text ?? ""}`.trim();
  return updateRun(deps, run, (now) => rejected(now, why, Date.now()));
}

async function check(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  const kind = kindOf(run);
  const needs = kind.needs(kind.spec(run));
  try {
    const catalog = needs.twins.length > 0 ? await deps.argaCache.catalog.get(deps.signal) : undefined;
    const { found, problem: unknown } = findNames(needs, await namesFor(deps, needs));
    const spec = kind.named?.(kind.spec(run), found);
    const problem = unknown ?? preflight(needs, { catalog, plan: await planOf(deps) });
    const by = problem
      ? (now: Run) =>
          rejected(now, problem.why, Date.now(), {
            tryThis: problem.tryThis,
            button: problem.isMeant && "Run it",
          })
      : (now: Run) => checked(now, spec);
    const next = await updateRun(deps, run, by);
    return next.phase.name === "requested" ? await startAtArga(deps, next) : { run: next };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    return await checkFailed(deps, run, error);
  }
}

/** What the names in a spec may be; what this Arga doesn't list stays as it was typed. */
async function namesFor({ argaCache, signal }: ArgaDeps, { saved, scenario }: Needs): Promise<KnownNames> {
  const known = <T>(list: Promise<T>): Promise<T | undefined> =>
    list.catch((error: unknown) => {
      if (error instanceof ArgaError && isNoRoute(error)) return undefined;
      throw error;
    });
  const [tests, scenarios] = await Promise.all([
    saved === undefined ? undefined : known(argaCache.tests.get(signal)),
    scenario === undefined ? undefined : known(argaCache.scenarios.get(signal)),
  ]);
  return { tests, scenarios };
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
  if (isNoRoute(error)) return await startAtArga(deps, await updateRun(deps, run, (now) => checked(now)));
  const isFinal = error.sent === "refused" && !(error instanceof ArgaRateLimited);
  if (isFinal)
    return { run: await updateRun(deps, run, (now) => rejected(now, errorWords(error), Date.now())) };
  return { run: await noteTrouble(deps, run, error), requeueAt: retryAt(run, error) };
}

/**
 * The intent first, then the request: whoever finds an intent without an answer must not send it again. Two jobs may
 * be at one run after a stall; the attempt says whose intent it is, and only that one sends.
 */
async function create(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (deps.signal.aborted) return { run };
  const attempt = randomUUID();
  deps.creating.add(attempt);
  try {
    const intent = await intend(deps, run, attempt);
    return isIntentOf(intent, attempt) ? await send(deps, intent) : { run: intent };
  } finally {
    deps.creating.delete(attempt);
  }
}

/** Redis may have taken the intent though its answer was lost. Nothing was sent then, so it's taken back. */
async function intend(deps: ArgaDeps, run: Run, attempt: string): Promise<Run> {
  try {
    return await updateRun(deps, run, (now) =>
      now.phase.name === "requested" ? creating(now, attempt, Date.now()) : now,
    );
  } catch (error) {
    await updateRunForSure(deps, run, (now) => (isIntentOf(now, attempt) ? notCreated(now) : now));
    throw error;
  }
}

const isIntentOf = ({ phase }: Run, attempt: string): boolean =>
  phase.name === "creating" && phase.attempt === attempt;

async function send(deps: ArgaDeps, intent: Run): Promise<ArgaResult> {
  const kind = kindOf(intent);
  try {
    const made = await kind.start(deps.arga, kind.spec(intent), deps.signal);
    if (made.legacy)
      deps.logger.info({ run: intent.id }, "This Arga has no /twin-runs; using its legacy routes");
    const next = await updateRunForSure(deps, intent, (now) => created(now, made, Date.now()));
    await noteUse(deps);
    // Another worker took this one for dead and called the create unknown; the card keeps to that.
    if (next.arga?.id !== made.id)
      deps.logger.error(
        { run: intent.id, arga: made.id },
        "Arga created a run after its record had ended as unknown",
      );
    // Its stream or its list is to be read from now on; a look of its own would find what Arga just answered.
    return { run: next, more: kind.follow !== undefined || kind.listRuns !== undefined };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    return await createFailed(deps, intent, error);
  }
}

/** So few runs left of a plan are counted one by one: a card for what it doesn't allow any more would stand there for all. */
const FEW_LEFT = 10;

async function noteUse({ argaCache }: ArgaDeps): Promise<void> {
  const { runsLeft = Number.POSITIVE_INFINITY } = (await argaCache.plan.peekSafely())?.value ?? {};
  if (runsLeft <= FEW_LEFT) await argaCache.plan.expire();
}

async function createFailed(deps: ArgaDeps, run: Run, error: ArgaError): Promise<ArgaResult> {
  deps.logger.warn({ run: run.id, err: error }, "Couldn't create the run at Arga");
  // What cannot be sent now cannot be sent later.
  const isHopeless = error.sent === "refused" || error instanceof ArgaUnsendable;
  const isEarly = error.sent === "no" || error instanceof ArgaRateLimited;
  if (isEarly && !(error instanceof ArgaUnsendable)) {
    const back = await updateRunForSure(deps, run, notCreated);
    return { run: await noteTrouble(deps, back, error), requeueAt: retryAt(run, error) };
  }
  // Given up by our own end: the next process finds the intent and says the same.
  if (error instanceof ArgaAborted) return { run };
  const why = errorWords(error);
  if (isHopeless)
    return { run: await updateRunForSure(deps, run, (now) => createRefused(now, why, Date.now())) };
  return await lostCreate(deps, run, why);
}
