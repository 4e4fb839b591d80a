import { isVisible } from "../../runs/authority.ts";
import type { Run, RunRef } from "../../runs/run.ts";
import { homeFingerprint } from "../../views/home-runs.ts";
import type { ReconcileResult, Reconciler, RunResult } from "../reconciler.ts";
import { type HomeDeps, readerOf } from "./deps.ts";

/** What the rest of the bot needs to tell Homes something. */
type HomeNews = Pick<HomeDeps, "homes" | "queues" | "admins">;

/**
 * Has the Homes that show a run looked at if it shows otherwise than before: its requester's, and those that somebody
 * looks at. May be called at any time: for a run that shows as before, and where nobody has a Home, it is one command.
 */
export async function refreshHomesOf({ homes, queues, admins }: HomeNews, run: Run): Promise<void> {
  const shown = { run, fingerprint: homeFingerprint(run) };
  const concerned = await homes.changed(shown);
  if (concerned.length === 0) return;
  const { team } = run;
  const readers = concerned.filter((user) => isVisible(readerOf(user), run, admins));
  await Promise.all(readers.map((id) => queues.enqueue("home", { team, id })));
  // Only now: a process that dies before it has told all of them leaves it to the next look at the run.
  await homes.shown(shown);
}

/** A reconciler of runs after which Homes show what became of its run, however that went. */
export const thenRefreshHomes =
  (deps: HomeDeps, reconciler: Reconciler<ReconcileResult & RunResult>): Reconciler =>
  async (ref) => {
    let run: Run | undefined;
    try {
      const result = await reconciler(ref);
      run = result?.run;
      return result;
    } finally {
      await refresh(deps, run ?? ref);
    }
  };

/** A Home that is late is no reason to do a run's work again. */
async function refresh(deps: HomeDeps, known: Run | RunRef): Promise<void> {
  try {
    const run = "phase" in known ? known : await deps.store.get(known);
    if (run) await refreshHomesOf(deps, run);
  } catch (error) {
    deps.logger.warn({ run: known.id, err: error }, "Couldn't refresh Homes for a run");
  }
}
