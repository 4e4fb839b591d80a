import { ArgaError } from "../../api/errors.ts";
import type { Sighting } from "../../runs/kind.ts";
import { type AnyKind, allKinds, kindOf } from "../../runs/kinds.ts";
import { isEnded, type Kind, type Run, type RunRef } from "../../runs/run.ts";
import type { Outlook, Step } from "../reconciler.ts";
import { type ArgaSideOptions, inTrouble } from "./side.ts";
import { note, observe } from "./step.ts";

export interface WatchOptions extends ArgaSideOptions {
  /** Whether anybody wants to hear of runs that nobody asked of this bot. */
  areStrangersWanted: (team: string) => Promise<boolean>;
  /** Told of all that Arga lists, those of this bot included. */
  strangers: (team: string, sightings: readonly Sighting[]) => Promise<void>;
}

/** Milliseconds from one list to the next: while runs of this bot are in it, and for the sake of others. */
const PACE = { own: 1_500, ofAge: 0.02, most: 10_000, others: 15_000, trouble: 5_000 };
/** A run that was made a moment ago may be missing in the list. */
const SETTLING_MS = 10_000;
/** Runs that are worked on at once, and that are looked at by themselves for no better reason than that it is their turn. */
const AT_ONCE = 16;
const QUIET_AT_ONCE = 2;

/** The job that watches runs of a kind which were started elsewhere has a name, and a pace, of its own. */
export const strangersOf = (kind: Kind): string => `${kind}:others`;

/**
 * Watches all runs of a kind in a workspace together, with one request for all of them. A job of this queue is named
 * after the kind; it comes back for as long as there is something to see.
 */
export const watchStep =
  (options: WatchOptions): Step =>
  async ({ team, id }) => {
    const kind = allKinds.find((each) => each.kind === id || strangersOf(each.kind) === id);
    if (!kind?.survey) return undefined;
    return kind.kind === id ? await own(options, team, kind) : await others(options, team, kind);
  };

async function own(options: WatchOptions, team: string, kind: AnyKind): Promise<Outlook> {
  const live = await options.store.liveRuns(team);
  const runs = live.filter((run) => run.kind === kind.kind && run.arga && !isEnded(run));
  // Whoever creates another one meanwhile has this job done once more.
  if (runs.length === 0) return {};
  try {
    await survey(options, runs, (await kind.survey?.(options.arga, options.signal)) ?? []);
    return next(paceOf(runs));
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    options.logger.warn({ team, kind: kind.kind, err: error }, "Arga's list of runs cannot be read");
    return await blind(options, runs, error);
  }
}

async function others(options: WatchOptions, team: string, kind: AnyKind): Promise<Outlook> {
  if (!(await options.areStrangersWanted(team))) return {};
  try {
    await options.strangers(team, (await kind.survey?.(options.arga, options.signal)) ?? []);
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    options.logger.warn({ team, kind: kind.kind, err: error }, "Arga's list of runs cannot be read");
  }
  return next(PACE.others);
}

/** A run, and what the list says of it. */
interface Pair {
  run: Run;
  sighting: Sighting | undefined;
}

async function survey(
  options: WatchOptions,
  runs: readonly Run[],
  sightings: readonly Sighting[],
): Promise<void> {
  const byId = new Map(sightings.map((sighting) => [sighting.id, sighting]));
  const pairs = runs.map((run) => ({ run, sighting: byId.get(run.arga?.id ?? "") }));
  await pooled(endsFirst(pairs), async ({ run, sighting }) => {
    if (sighting && !sighting.isBrief && isNews(run, sighting)) await note(options, run, sighting.seen);
  });
  await lookCloser(options, pairs);
}

const endsFirst = (pairs: readonly Pair[]): Pair[] =>
  pairs.toSorted((a, b) => Number(isEnd(b.sighting)) - Number(isEnd(a.sighting)));

const isEnd = (sighting: Sighting | undefined): boolean => sighting?.seen.state === "ended";

/** At those that the list does not have or says too little of; where nothing seems new, at a few. */
async function lookCloser(options: WatchOptions, pairs: readonly Pair[]): Promise<void> {
  const missing = pairs.filter(({ run, sighting }) => !sighting && !isYoung(run));
  const brief = pairs.filter(({ sighting }) => sighting?.isBrief);
  const fresh = brief.filter(({ run, sighting }) => sighting && isNews(run, sighting));
  const quiet = brief.filter((pair) => !fresh.includes(pair));
  await pooled([...missing, ...fresh, ...someOf(quiet)], ({ run, sighting }) =>
    observe(options, run, sighting?.seen.arga.stamp),
  );
}

/** Any few, so that each has its turn and their number costs nothing. */
const someOf = (quiet: readonly Pair[]): Pair[] =>
  [...quiet].sort(() => Math.random() - 0.5).slice(0, QUIET_AT_ONCE);

/** Runs that have gone on for long need not be seen to the second. */
function paceOf(runs: readonly Run[]): number {
  const youngest = Math.max(...runs.map(({ startedAt = 0 }) => startedAt));
  return Math.min(PACE.most, Math.max(PACE.own, (Date.now() - youngest) * PACE.ofAge));
}

const next = (ms: number): Outlook => ({ next: Date.now() + ms * (0.9 + Math.random() * 0.2) });

const isNews = (run: Run, { seen }: Sighting): boolean =>
  seen.arga.stamp === undefined || seen.arga.stamp !== run.arga?.stamp || run.trouble?.with === "arga";

const isYoung = ({ startedAt = 0 }: Run): boolean => Date.now() - startedAt < SETTLING_MS;

/** A few at a time. */
async function pooled<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Without the list, each run is asked for by itself if the list alone is refused; otherwise each card says why. */
async function blind(options: WatchOptions, runs: readonly Run[], error: ArgaError): Promise<Outlook> {
  const isListAlone = error.sent === "refused" && error.retryAfterMs === undefined;
  await pooled(runs, (run) => (isListAlone ? observe(options, run) : inTrouble(options, run, error)));
  return next(Math.max(PACE.trouble, error.retryAfterMs ?? 0));
}

/** Looks at a run for one who follows it; whether there is more to follow. */
export const lookFor =
  (options: ArgaSideOptions) =>
  async (ref: RunRef): Promise<boolean> => {
    const run = await options.store.get(ref);
    if (!run || isEnded(run)) return false;
    const { run: seen } = await observe(options, run);
    return !isEnded(seen) && kindOf(seen).follow !== undefined;
  };
