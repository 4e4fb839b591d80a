import { SlackCallError, SlackRateLimited, SlackRefused } from "../../slack/errors.ts";
import { type Home, LOOKING_MS, type Person } from "../../store/app-home.ts";
import { homeHash, homeView } from "../../views/home.ts";
import type { HomeScene } from "../../views/home-scene.ts";
import type { Outlook, Step } from "../reconciler.ts";
import { askArga, RECENT_MS } from "./check-arga.ts";
import { type HomeSide, homeLane } from "./deps.ts";
import { SAID_MS, sceneOf } from "./scene.ts";

/** On the queue of Homes, the job that asks Arga; no user has this name. */
export const ARGA = "arga";

/** Many changes become one view, in ms; what its reader asked for is shown at once. */
const GAP_MS = 2_000;
/** What time alone changes is looked for this often while someone looks: the shorter extensions come into reach. */
const CLOCK_MS = 60_000;
const RETRY_MS = { seen: 3_000, unseen: 60_000 };

/** Brings somebody's Home in line with what is known. A job of this queue is named after the user. */
export const homeStep =
  (side: HomeSide): Step =>
  async ({ team, id }) =>
    id === ARGA ? await askArga(side, team) : await showHome(side, { team, user: id });

async function showHome(side: HomeSide, person: Person): Promise<Outlook | undefined> {
  const home = await side.homes.get(person);
  // Nobody has looked at it for days: it is shown anew when somebody does.
  if (!home) return undefined;
  const isOld = (): Promise<boolean> => isOutdated(side, person, home);
  const early = home.publishedAt + GAP_MS;
  if (!isAwaited(home) && early > Date.now()) return { next: early, isOld };
  const scene = await sceneOf(side, person, home);
  const again = await publish(side, { person, home, scene });
  if (again !== undefined) return { next: again, isOld };
  await refresh(side, { person, home, scene });
  const next = nextLook(home, scene);
  return next === undefined ? { isOld } : { next, isOld };
}

/** It was opened, or something in it was pressed, since Slack was sent it. */
const isAwaited = ({ looks, answered }: Home): boolean => looks !== answered;

/** Whoever wrote meanwhile may have poked in vain. */
async function isOutdated(side: HomeSide, person: Person, home: Home): Promise<boolean> {
  const newest = await side.homes.get(person);
  return newest !== undefined && (newest.changes !== home.changes || newest.looks !== home.looks);
}

interface Look {
  person: Person;
  home: Home;
  scene: HomeScene;
}

/** Returns when to try again (ms since the epoch), or undefined if Slack has what is to be shown. */
async function publish(side: HomeSide, { person, home, scene }: Look): Promise<number | undefined> {
  const hash = homeHash(scene);
  // Whoever opens it gets it anew, whatever became of the one that was sent before.
  if (hash === home.hash && !isAwaited(home)) {
    // As good as shown: changes that it does not show keep the same distance.
    await side.homes.published(person, hash, home.looks);
    return undefined;
  }
  const { team, user } = person;
  const wait = await side.pacer.acquire(homeLane, { team, who: user, urgent: isAwaited(home) });
  if (wait > 0) return Date.now() + wait;
  try {
    await side.slack.call(team, "views.publish", { user_id: user, view: homeView(scene) });
  } catch (error) {
    // Shown anew when something changes; until then nobody waits for it.
    if (error instanceof SlackRefused && !(error instanceof SlackRateLimited))
      await side.homes.published(person, hash, home.looks);
    return await failed(side, { person, home, scene }, error);
  }
  await side.homes.published(person, hash, home.looks);
  return undefined;
}

/** A view may be sent twice, so whatever was lost is sent again; what Slack refuses is not, until something changes. */
async function failed(side: HomeSide, { person, home }: Look, error: unknown): Promise<number | undefined> {
  if (!(error instanceof SlackCallError)) throw error;
  if (error instanceof SlackRateLimited) {
    await side.pacer.block(homeLane, person.team, error.retryAfterMs);
    return Date.now() + error.retryAfterMs;
  }
  side.logger.warn({ user: person.user, err: error }, "A Home could not be published");
  if (error instanceof SlackRefused) return undefined;
  return Date.now() + (isLooking(home) ? RETRY_MS.seen : RETRY_MS.unseen);
}

const isLooking = ({ lookedAt }: Home): boolean => Date.now() - lookedAt < LOOKING_MS;

/** What is shown of Arga is asked for anew once someone looks at it. */
async function refresh(side: HomeSide, { person, home, scene }: Look): Promise<void> {
  const asked = scene.connections.arga?.at ?? 0;
  const isDue = home.lookedAt > asked && Date.now() - asked >= RECENT_MS;
  if (isDue && isLooking(home)) await side.queues.poke("home", { team: person.team, id: ARGA });
}

/** When it may look different without anything having happened. */
function nextLook(home: Home, { mine, said }: HomeScene): number | undefined {
  const moments = [
    ...(home.said && said.length > 0 ? [home.said.at + SAID_MS] : []),
    ...(isLooking(home) && mine.some(({ deadline }) => deadline) ? [Date.now() + CLOCK_MS] : []),
  ];
  return moments.length > 0 ? Math.min(...moments) : undefined;
}
