import { ArgaError } from "../../api/errors.ts";
import { type AnyKind, allKinds } from "../../kinds/index.ts";
import type { RunList } from "../../kinds/kind.ts";
import type { Kind, Run } from "../../runs/run.ts";
import { externalRunsJob } from "../queues.ts";
import type { ReconcileResult, Reconciler } from "../reconciler.ts";
import { applyList, CLOSER, pooled, someOf } from "./apply-list.ts";
import { type ArgaDeps, noteTrouble } from "./deps.ts";
import type { Likely } from "./lifetimes.ts";
import { observe } from "./observe.ts";
import { likelyPace } from "./schedule.ts";

export interface ListWatchDeps extends ArgaDeps {
  /** Whether anyone wants to hear of runs that were started elsewhere. */
  wantsExternalRuns: (team: string) => Promise<boolean>;
  /** Given all that Arga lists, those of this bot included. */
  announceExternalRuns: (list: RunList) => Promise<void>;
}

/** Milliseconds from one list to the next: while runs of this bot are in it, and for the sake of others. */
const PACE = { own: 1_000, ofAge: 0.02, unlikely: 2_000, most: 4_000, others: 15_000, trouble: 5_000 };
/** Many new runs within this time are one reading of the list, in ms. */
const LIST_GAP_MS = 500;

/**
 * Watches all runs of a kind in a workspace together, with one request for all of them. A job of this queue is named
 * after the kind; it comes back for as long as there is something to see.
 */
export function reconcileWatch(deps: ListWatchDeps): Reconciler {
  /** When each list was read last: by team and kind. */
  const listedAt = new Map<string, number>();
  return async ({ team, id }) => {
    const kind = allKinds.find((each) => each.kind === id || externalRunsJob(each.kind) === id);
    if (!kind?.listRuns) return undefined;
    if (kind.kind !== id) return await watchExternal(deps, team, kind);
    const name = `${team}:${id}`;
    const next = (listedAt.get(name) ?? 0) + LIST_GAP_MS;
    if (Date.now() < next) return { requeueAt: next };
    listedAt.set(name, Date.now());
    return await watchOwn(deps, team, kind);
  };
}

async function watchOwn(deps: ListWatchDeps, team: string, kind: AnyKind): Promise<ReconcileResult> {
  const live = await deps.store.liveRuns(team);
  const runs = live.filter((run) => run.kind === kind.kind && run.arga && run.phase.name !== "ended");
  // Whoever creates another one meanwhile has this job done once more.
  if (runs.length === 0) return {};
  try {
    await applyList(deps, runs, (await kind.listRuns?.(deps.arga, deps.signal)) ?? []);
    return after(paceOf(runs, Date.now(), deps.lifetimes.likely(kind.kind)));
  } catch (error) {
    return await blind(deps, runs, unreadable(deps, { team, kind: kind.kind }, error));
  }
}

async function watchExternal(
  deps: ListWatchDeps,
  team: string,
  { kind, listRuns }: AnyKind,
): Promise<ReconcileResult> {
  if (!(await deps.wantsExternalRuns(team))) return {};
  try {
    const runs = (await listRuns?.(deps.arga, deps.signal)) ?? [];
    await deps.announceExternalRuns({ team, kind, runs });
    return after(PACE.others);
  } catch (error) {
    const { retryAfterMs = 0 } = unreadable(deps, { team, kind }, error);
    return after(Math.max(PACE.others, retryAfterMs));
  }
}

/** Any other error than Arga's is thrown again. */
function unreadable(
  { logger }: ListWatchDeps,
  list: { team: string; kind: Kind },
  error: unknown,
): ArgaError {
  if (!(error instanceof ArgaError)) throw error;
  logger.warn({ ...list, err: error }, "Couldn't read Arga's list of runs; retrying");
  return error;
}

/**
 * As soon as the first of them is likely to be over, and never as seldom that steps would come late. Runs that have gone on
 * for long need not be seen to the second.
 */
function paceOf(runs: readonly Run[], now: number, likely: Likely | undefined): number {
  const youngest = Math.max(...runs.map(({ startedAt = 0 }) => startedAt));
  const usual = Math.min(PACE.most, Math.max(PACE.own, (now - youngest) * PACE.ofAge));
  const known = runs.flatMap(({ startedAt = 0 }) => likelyPace(now - startedAt, likely) ?? []);
  return known.length === 0 ? usual : Math.max(LIST_GAP_MS, Math.min(PACE.unlikely, ...known));
}

const after = (ms: number): ReconcileResult => ({ requeueAt: Date.now() + ms * (0.9 + Math.random() * 0.2) });

/** Without the list, each run is asked for by itself if the list alone is refused; otherwise each card says why. */
async function blind(deps: ListWatchDeps, runs: readonly Run[], error: ArgaError): Promise<ReconcileResult> {
  const isListAlone = error.sent === "refused" && error.retryAfterMs === undefined;
  const some = isListAlone ? someOf(runs, CLOSER) : runs;
  await pooled(deps, some, (run) => (isListAlone ? observe(deps, run) : noteTrouble(deps, run, error)));
  return after(Math.max(PACE.trouble, error.retryAfterMs ?? 0));
}
