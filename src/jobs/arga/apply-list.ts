import type { ListedRun } from "../../kinds/kind.ts";
import type { Run } from "../../runs/run.ts";
import { StoreUnavailable } from "../../store/redis.ts";
import type { ArgaDeps } from "./deps.ts";
import { interpret } from "./interpret.ts";
import { observe, recordObservation } from "./observe.ts";

/** A run that was made a moment ago may be missing in the list, in ms. */
const SETTLING_MS = 10_000;
/** Runs that are worked on at once; that are looked at by themselves in a round; and that for no better reason than their turn. */
const AT_ONCE = 16;
export const CLOSER = 8;
const QUIET = 2;

/** A run, and what the list says of it. */
interface Pair {
  run: Run;
  listed: ListedRun | undefined;
}

/** Brings runs in line with a list of them, and looks at some of them by themselves. */
export async function applyList(
  deps: ArgaDeps,
  runs: readonly Run[],
  listedRuns: readonly ListedRun[],
): Promise<void> {
  const byId = new Map(listedRuns.map((listed) => [listed.id, listed]));
  const pairs = runs
    .map((run): Pair => ({ run, listed: byId.get(run.arga?.id ?? "") }))
    .toSorted((a, b) => Number(isEnd(b.listed)) - Number(isEnd(a.listed)));
  await pooled(deps, pairs, async ({ run, listed }) => {
    if (!listed || listed.isBrief) return;
    const seen = interpret(run, listed.seen);
    if (isNews(run, listed) || seen.state === "ended")
      await goOn(deps, await recordObservation(deps, run, seen));
  });
  await lookCloser(deps, pairs);
}

const isEnd = (listed: ListedRun | undefined): boolean => listed?.seen.state === "ended";

/**
 * At those that the list says too little of, the ended first, and at a few of those that it does not have or that seem
 * to have nothing new: never at more than a fixed number, or requests would grow with the runs.
 */
async function lookCloser(deps: ArgaDeps, pairs: readonly Pair[]): Promise<void> {
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
  await pooled(deps, [...ends.slice(0, CLOSER * 2), ...others, ...few], ({ run, listed }) =>
    observe(deps, run, listed?.seen.arga.stamp).then((done) => goOn(deps, done.run)),
  );
}

/** What is to be created once more isn't for the list to do. */
async function goOn(deps: ArgaDeps, run: Run): Promise<void> {
  if (run.phase.name === "requested") await deps.queues.enqueue("arga", run);
}

/** Any few, so that each has its turn and their number costs nothing. */
export const someOf = <T>(all: readonly T[], most: number): T[] =>
  [...all].sort(() => Math.random() - 0.5).slice(0, most);

const isNews = (run: Run, { seen }: ListedRun): boolean =>
  seen.arga.stamp === undefined || seen.arga.stamp !== run.arga?.stamp || run.trouble?.with === "arga";

const isYoung = ({ startedAt = 0 }: Run): boolean => Date.now() - startedAt < SETTLING_MS;

/** Works on some runs at a time. */
export async function pooled<T extends Pair | Run>(
  deps: ArgaDeps,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await work(item).catch((error: unknown) => {
        // Without Redis there is no use in going on; any other failure is one run's own.
        if (error instanceof StoreUnavailable) throw error;
        deps.logger.warn({ err: error }, "Couldn't update a run from Arga's list");
      });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
