import { isVisible } from "../../runs/authority.ts";
import type { Run, RunRef } from "../../runs/run.ts";
import type { HomeOwner } from "../../store/app-home.ts";
import type { Content } from "../../views/card.ts";
import { basicContent } from "../../views/card.ts";
import { homeFingerprint } from "../../views/home-runs.ts";
import type { Reconciler } from "../reconciler.ts";
import { type HomeDeps, readerOf } from "./deps.ts";

/** What the rest of the bot needs to tell Homes something. */
export type HomeNews = Pick<HomeDeps, "homes" | "queues" | "admins">;

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

/** A step after which Homes show what became of its run. */
export const thenRefreshHomes =
  (deps: HomeDeps, step: Reconciler): Reconciler =>
  async (ref) => {
    try {
      return await step(ref);
    } finally {
      await look(deps, ref);
    }
  };

/** A Home that is late is no reason to do a run's work again. */
async function look(deps: HomeDeps, ref: RunRef): Promise<void> {
  try {
    const run = await deps.store.get(ref);
    if (run) await refreshHomesOf(deps, run);
  } catch (error) {
    deps.logger.warn({ run: ref.id, err: error }, "Homes could not be told of a run");
  }
}

/** Puts an answer on a person's Home; false: they do not look at it now, so it must be told otherwise. */
export async function replyOnHome(
  { homes, queues }: Pick<HomeNews, "homes" | "queues">,
  person: HomeOwner,
  content: Content,
): Promise<boolean> {
  if (!(await homes.say(person, basicContent(content).blocks))) return false;
  await queues.enqueue("home", { team: person.team, id: person.user });
  return true;
}
