import { SlackCallError, SlackRateLimited, SlackRefused } from "../../slack/errors.ts";
import { type HomeOwner, VIEWING_MS } from "../../store/app-home.ts";
import type { AppHome } from "../../store/app-home-record.ts";
import { homeHash, homeView } from "../../views/home.ts";
import type { HomeData } from "../../views/home-scene.ts";
import type { ReconcileResult, Reconciler } from "../reconciler.ts";
import { askArga, RECENT_MS } from "./check-arga.ts";
import { type HomeDeps, homeLane } from "./deps.ts";
import { loadHomeData, SAID_MS } from "./scene.ts";

/** On the queue of Homes, the job that asks Arga; no user has this name. */
export const ARGA = "arga";

/** Many changes become one view, in ms; what its reader asked for is shown at once. */
const GAP_MS = 2_000;
/** What time alone changes is looked for this often while someone looks: the shorter extensions come into reach. */
const CLOCK_MS = 60_000;
const RETRY_MS = { seen: 3_000, unseen: 60_000 };

/** Brings somebody's Home in line with what is known. A job of this queue is named after the user. */
export const reconcileHome =
  (deps: HomeDeps): Reconciler =>
  async ({ team, id }) =>
    id === ARGA ? await askArga(deps, team) : await showHome(deps, { team, user: id });

async function showHome(deps: HomeDeps, person: HomeOwner): Promise<ReconcileResult | undefined> {
  const home = await deps.homes.get(person);
  // Nobody has looked at it for days: it is shown anew when somebody does.
  if (!home) return undefined;
  const isStale = (): Promise<boolean> => isOutdated(deps, person, home);
  const early = home.publishedAt + GAP_MS;
  if (!isAwaited(home) && early > Date.now()) return { requeueAt: early, isStale };
  const scene = await loadHomeData(deps, person, home);
  const again = await publish(deps, { person, home, scene });
  if (again !== undefined) return { requeueAt: again, isStale };
  await refresh(deps, { person, home, scene });
  const requeueAt = nextLook(home, scene);
  return requeueAt === undefined ? { isStale } : { requeueAt, isStale };
}

/** It was opened, or something in it was pressed, since Slack was sent it. */
const isAwaited = ({ views, publishedViews }: AppHome): boolean => views !== publishedViews;

/** Whoever wrote meanwhile may have poked in vain. */
async function isOutdated(deps: HomeDeps, person: HomeOwner, home: AppHome): Promise<boolean> {
  const newest = await deps.homes.get(person);
  return newest !== undefined && (newest.changes !== home.changes || newest.views !== home.views);
}

interface Look {
  person: HomeOwner;
  home: AppHome;
  scene: HomeData;
}

/** Returns when to try again (ms since the epoch), or undefined if Slack has what is to be shown. */
async function publish(deps: HomeDeps, { person, home, scene }: Look): Promise<number | undefined> {
  const hash = homeHash(scene);
  // Whoever opens it gets it anew, whatever became of the one that was sent before.
  if (hash === home.hash && !isAwaited(home)) {
    // As good as shown: changes that it does not show keep the same distance.
    await deps.homes.published(person, hash, home.views);
    return undefined;
  }
  const { team, user } = person;
  const wait = await deps.pacer.acquire(homeLane, { team, who: user, urgent: isAwaited(home) });
  if (wait > 0) return Date.now() + wait;
  try {
    await deps.slack.call(team, "views.publish", { user_id: user, view: homeView(scene) });
  } catch (error) {
    // Shown anew when something changes; until then nobody waits for it.
    if (error instanceof SlackRefused && !(error instanceof SlackRateLimited))
      await deps.homes.published(person, hash, home.views);
    return await failed(deps, { person, home, scene }, error);
  }
  await deps.homes.published(person, hash, home.views);
  return undefined;
}

/** A view may be sent twice, so whatever was lost is sent again; what Slack refuses is not, until something changes. */
async function failed(deps: HomeDeps, { person, home }: Look, error: unknown): Promise<number | undefined> {
  if (!(error instanceof SlackCallError)) throw error;
  if (error instanceof SlackRateLimited) {
    await deps.pacer.block(homeLane, person.team, error.retryAfterMs);
    return Date.now() + error.retryAfterMs;
  }
  deps.logger.warn({ user: person.user, err: error }, "Couldn't publish a Home");
  if (error instanceof SlackRefused) return undefined;
  return Date.now() + (isLooking(home) ? RETRY_MS.seen : RETRY_MS.unseen);
}

const isLooking = ({ viewedAt }: AppHome): boolean => Date.now() - viewedAt < VIEWING_MS;

/** What is shown of Arga is asked for anew once someone looks at it. */
async function refresh(deps: HomeDeps, { person, home, scene }: Look): Promise<void> {
  const asked = scene.connections.arga?.at ?? 0;
  const isDue = home.viewedAt > asked && Date.now() - asked >= RECENT_MS;
  if (isDue && isLooking(home)) await deps.queues.enqueue("home", { team: person.team, id: ARGA });
}

/** When it may look different without anything having happened. */
function nextLook(home: AppHome, { mine, said }: HomeData): number | undefined {
  const moments = [
    ...(home.said && said.length > 0 ? [home.said.at + SAID_MS] : []),
    ...(isLooking(home) && mine.some(({ deadline }) => deadline) ? [Date.now() + CLOCK_MS] : []),
  ];
  return moments.length > 0 ? Math.min(...moments) : undefined;
}
