import { ArgaError } from "../../api/errors.ts";
import { type AnyKind, allKinds } from "../../kinds/index.ts";
import type { ListedRun } from "../../kinds/kind.ts";
import { isEnded, type Run, type RunRef } from "../../runs/run.ts";
import { StoreUnavailable } from "../../store/redis.ts";
import { externalRunsJob } from "../queues.ts";
import type { ReconcileResult, Reconciler } from "../reconciler.ts";
import { type ArgaDeps, noteTrouble } from "./deps.ts";
import { interpret, observe, observeForFollower, recordObservation } from "./reconcile.ts";

export interface ListWatchDeps extends ArgaDeps {
  /** Whether anybody wants to hear of runs that nobody asked of this bot. */
  wantsExternalRuns: (team: string) => Promise<boolean>;
  /** Told of all that Arga lists, those of this bot included. */
  announceExternalRuns: (team: string, listedRuns: readonly ListedRun[]) => Promise<void>;
}

/** Milliseconds from one list to the next: while runs of this bot are in it, and for the sake of others. */
const PACE = { own: 1_500, ofAge: 0.02, most: 4_000, others: 15_000, trouble: 5_000 };
/** A run that was made a moment ago may be missing in the list. */
const SETTLING_MS = 10_000;
/** Runs that are worked on at once; that are looked at by themselves in a round; and that for no better reason than their turn. */
const AT_ONCE = 16;
const CLOSER = 8;
const QUIET = 2;

/**
 * Watches all runs of a kind in a workspace together, with one request for all of them. A job of this queue is named
 * after the kind; it comes back for as long as there is something to see.
 */
export const reconcileWatch =
  (options: ListWatchDeps): Reconciler =>
  async ({ team, id }) => {
    const kind = allKinds.find((each) => each.kind === id || externalRunsJob(each.kind) === id);
    if (!kind?.listRuns) return undefined;
    return kind.kind === id ? await watchOwn(options, team, kind) : await watchExternal(options, team, kind);
  };

/** When the list was read last: many new runs in a moment are one reading. */
let listedAt = 0;
const LIST_GAP_MS = 500;

async function watchOwn(options: ListWatchDeps, team: string, kind: AnyKind): Promise<ReconcileResult> {
  if (Date.now() - listedAt < LIST_GAP_MS) return { requeueAt: listedAt + LIST_GAP_MS };
  listedAt = Date.now();
  const live = await options.store.liveRuns(team);
  const runs = live.filter((run) => run.kind === kind.kind && run.arga && !isEnded(run));
  // Whoever creates another one meanwhile has this job done once more.
  if (runs.length === 0) return {};
  try {
    await applyList(options, runs, (await kind.listRuns?.(options.arga, options.signal)) ?? []);
    return next(paceOf(runs));
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    options.logger.warn({ team, kind: kind.kind, err: error }, "Arga's list of runs cannot be read");
    return await blind(options, runs, error);
  }
}

async function watchExternal(options: ListWatchDeps, team: string, kind: AnyKind): Promise<ReconcileResult> {
  if (!(await options.wantsExternalRuns(team))) return {};
  let wait = PACE.others;
  try {
    await options.announceExternalRuns(team, (await kind.listRuns?.(options.arga, options.signal)) ?? []);
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    options.logger.warn({ team, kind: kind.kind, err: error }, "Arga's list of runs cannot be read");
    wait = Math.max(wait, error.retryAfterMs ?? 0);
  }
  return next(wait);
}

/** A run, and what the list says of it. */
interface Pair {
  run: Run;
  listed: ListedRun | undefined;
}

async function applyList(
  options: ListWatchDeps,
  runs: readonly Run[],
  listedRuns: readonly ListedRun[],
): Promise<void> {
  const byId = new Map(listedRuns.map((listed) => [listed.id, listed]));
  const pairs = endsFirst(runs.map((run) => ({ run, listed: byId.get(run.arga?.id ?? "") })));
  await pooled(options, pairs, async ({ run, listed }) => {
    if (!listed || listed.isBrief) return;
    const seen = interpret(run, listed.seen);
    if (isNews(run, listed) || seen.state === "ended") await recordObservation(options, run, seen);
  });
  await lookCloser(options, pairs);
}

const endsFirst = (pairs: readonly Pair[]): Pair[] =>
  pairs.toSorted((a, b) => Number(isEnd(b.listed)) - Number(isEnd(a.listed)));

const isEnd = (listed: ListedRun | undefined): boolean => listed?.seen.state === "ended";

/**
 * At those that the list says too little of, the ended first, and at a few of those that it does not have or that seem
 * to have nothing new: never at more than a fixed number, or requests would grow with the runs.
 */
async function lookCloser(options: ListWatchDeps, pairs: readonly Pair[]): Promise<void> {
  const missing = pairs.filter(({ run, listed }) => !listed && !isYoung(run));
  const brief = pairs.filter(({ listed }) => listed?.isBrief);
  const fresh = brief.filter(({ run, listed }) => listed && isNews(run, listed));
  const quiet = brief.filter((pair) => !fresh.includes(pair));
  const ends = fresh.filter(({ listed }) => isEnd(listed));
  const others = someOf(
    fresh.filter(({ listed }) => !isEnd(listed)),
    CLOSER,
  );
  const few = [...someOf(missing, QUIET), ...someOf(quiet, QUIET)];
  await pooled(options, [...ends.slice(0, CLOSER * 2), ...others, ...few], ({ run, listed }) =>
    observe(options, run, listed?.seen.arga.stamp),
  );
}

/** Any few, so that each has its turn and their number costs nothing. */
const someOf = <T>(all: readonly T[], most: number): T[] =>
  [...all].sort(() => Math.random() - 0.5).slice(0, most);

/** Runs that have gone on for long need not be seen to the second. */
function paceOf(runs: readonly Run[]): number {
  const youngest = Math.max(...runs.map(({ startedAt = 0 }) => startedAt));
  return Math.min(PACE.most, Math.max(PACE.own, (Date.now() - youngest) * PACE.ofAge));
}

const next = (ms: number): ReconcileResult => ({ requeueAt: Date.now() + ms * (0.9 + Math.random() * 0.2) });

const isNews = (run: Run, { seen }: ListedRun): boolean =>
  seen.arga.stamp === undefined || seen.arga.stamp !== run.arga?.stamp || run.trouble?.with === "arga";

const isYoung = ({ startedAt = 0 }: Run): boolean => Date.now() - startedAt < SETTLING_MS;

/** A few at a time. */
async function pooled<T extends Pair | Run>(
  options: ListWatchDeps,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await work(item).catch((error: unknown) => {
        // Without Redis there is no use in going on; any other failure is one run's own.
        if (error instanceof StoreUnavailable) throw error;
        options.logger.warn({ err: error }, "A run in Arga's list could not be brought up to date");
      });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Without the list, each run is asked for by itself if the list alone is refused; otherwise each card says why. */
async function blind(
  options: ListWatchDeps,
  runs: readonly Run[],
  error: ArgaError,
): Promise<ReconcileResult> {
  const isListAlone = error.sent === "refused" && error.retryAfterMs === undefined;
  const some = isListAlone ? someOf(runs, CLOSER) : runs;
  await pooled(options, some, (run) =>
    isListAlone ? observe(options, run) : noteTrouble(options, run, error),
  );
  return next(Math.max(PACE.trouble, error.retryAfterMs ?? 0));
}

/** Looks at a run for one who follows it; whether it goes on. */
export const followerLook =
  (options: ArgaDeps) =>
  async (ref: RunRef): Promise<boolean> => {
    const run = await options.store.get(ref);
    return run !== undefined && !isEnded(run) && (await observeForFollower(options, run));
  };
