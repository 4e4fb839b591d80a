import { messageOf } from "../base/errors.ts";
import type { NoticeDeps } from "../jobs/notices/deps.ts";
import { isDue } from "../jobs/notices/weekly.ts";
import { externalRunsJob } from "../jobs/queues.ts";
import { allKinds } from "../kinds/index.ts";
import type { RunStore } from "../store/runs.ts";

/** What was lost between a record and its queue (a crash, a queue that was emptied) is found again this often. */
export const SWEEP_MS = 30_000;
/** A sweep is one process's work for so long; then it's whoever comes first, in ms. */
const TURN_MS = SWEEP_MS * 0.8;
/** Runs that are asked about at a time. */
const PAGE = 1_000;

interface SweepDeps extends NoticeDeps {
  store: RunStore;
}

/** Sweeps if no other process did just now. */
export const sweepInTurn = (deps: SweepDeps): Promise<void> =>
  attempt(deps, async () => {
    if (await deps.store.takeSweep(TURN_MS)) await sweep(deps);
  });

/** Sweeps whoever did before: a process that begins may begin because the last one died. */
export const sweepNow = (deps: SweepDeps): Promise<void> =>
  attempt(deps, async () => {
    await deps.store.takeSweep(TURN_MS, true);
    await sweep(deps);
  });

async function attempt({ logger }: SweepDeps, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.warn({ why: messageOf(error) }, "Sweep interrupted; retrying in 30 s");
  }
}

async function sweep(deps: SweepDeps): Promise<void> {
  const { store, boards, digests, queues } = deps;
  // The newest first: somebody waits for them.
  const live = (await store.live()).reverse();
  for (let from = 0; from < live.length; from += PAGE)
    await sweepRuns(deps, live.slice(from, from + PAGE), from);
  for (const ref of await boards.live()) await queues.ensureEnqueued("notices", ref);
  for (const digest of await digests.all())
    if (isDue(digest, Date.now()))
      await queues.ensureEnqueued("notices", { team: digest.team, id: digest.channel });
  await watchElsewhere(deps);
}

/** Arga is looked at for as long as a run lives; Slack only needs a job if something is left to say. */
async function sweepRuns(
  { store, queues }: SweepDeps,
  runs: Awaited<ReturnType<RunStore["live"]>>,
  before: number,
): Promise<void> {
  const [unwatched, unheard] = await Promise.all([
    queues.withoutJob("arga", runs),
    queues.withoutJob("slack", runs),
  ]);
  await queues.ensureAllEnqueued("arga", unwatched, before);
  await queues.ensureAllEnqueued("slack", await store.untold(unheard), before);
}

/** Where a channel subscribed to runs that were started elsewhere, the lists are watched. */
async function watchElsewhere({ subscriptions, queues }: NoticeDeps): Promise<void> {
  const listed = allKinds.filter(({ listRuns }) => listRuns);
  for (const team of await subscriptions.teams())
    if (await subscriptions.wantsExternalRuns(team))
      for (const { kind } of listed)
        await queues.ensureEnqueued("watch", { team, id: externalRunsJob(kind) });
}
