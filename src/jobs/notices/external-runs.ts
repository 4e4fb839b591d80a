import type { ArgaClient } from "../../api/client.ts";
import { ArgaError } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { Sighting } from "../../kinds/kind.ts";
import { type Notice, noticeOfSighting } from "../../notices/notices.ts";
import type { Kind } from "../../runs/run.ts";
import type { RunStore } from "../../store/runs.ts";
import { type Announcing, announce, channelsFor } from "./announce.ts";

/** What it takes to tell of runs that were started elsewhere. */
export interface ElsewhereSide extends Announcing {
  /** What was looked at before, in this process: the same old runs are in the list at every look. */
  seen: Set<string>;
}

/** Older than this it is no news, in ms; much less than a channel remembers what it heard. */
const NEWS_MS = 3 * 24 * 3600_000;
/** More than a list of runs holds. */
const SEEN_LIMIT = 20_000;

/** Tells the boards of all channels that want to hear of it how a run ended that nobody asked of this bot. */
export async function noticeElsewhere(side: ElsewhereSide, team: string, notice: Notice): Promise<void> {
  const name = nameOf(team, notice);
  if (side.seen.has(name)) return;
  const channels = isNews(notice) ? await channelsFor(side, team, notice) : [];
  await announce(side, { team, channels, notice });
  // Who subscribes later does not hear of what is older: it need not be looked at again.
  remember(side, name);
}

const nameOf = (team: string, { run, key }: Notice): string => `${team}:${run}:${key}`;

const isNews = (notice: Notice): boolean => Date.now() - notice.at <= NEWS_MS;

function remember({ seen }: ElsewhereSide, name: string): void {
  if (seen.size >= SEEN_LIMIT) seen.clear();
  seen.add(name);
}

/** A list of runs of one kind, as Arga shows it. */
export interface Survey {
  team: string;
  kind: Kind;
  sightings: readonly Sighting[];
}

/** With what runs are told from those of this bot, and looked at more closely. */
export interface StrangersSide extends ElsewhereSide {
  store: RunStore;
  arga: ArgaClient;
  signal: AbortSignal;
}

/** Tells of those in a list that are over and that nobody asked of this bot. */
export async function tellOfStrangers(side: StrangersSide, { team, kind, sightings }: Survey): Promise<void> {
  for (const sighting of sightings) {
    const notice = noticeOfSighting(kind, sighting);
    if (!notice || side.seen.has(nameOf(team, notice))) continue;
    const isOurs = !isNews(notice) || (await isOwn(side, team, sighting.id));
    if (isOurs) remember(side, nameOf(team, notice));
    else await tellOfOne(side, team, notice, sighting);
  }
}

async function isOwn({ store }: StrangersSide, team: string, id: string): Promise<boolean> {
  return (await store.byArga(team, id)) !== undefined;
}

async function tellOfOne(
  side: StrangersSide,
  team: string,
  notice: Notice,
  sighting: Sighting,
): Promise<void> {
  const name = nameOf(team, notice);
  try {
    // Nobody who could hear of it was there when it ended.
    const isWanted = (await channelsFor(side, team, notice)).length > 0;
    const closer = sighting.isBrief && isWanted ? await looked(side, notice, sighting) : notice;
    if (closer) await noticeElsewhere(side, team, closer);
    remember(side, name);
  } catch (error) {
    // It is in the next list too.
    if (!(error instanceof ArgaError)) throw error;
  }
}

/** Where the list does not say enough, the run is asked itself; if that is refused, the list's word has to do. */
async function looked(
  { arga, signal }: StrangersSide,
  notice: Notice,
  sighting: Sighting,
): Promise<Notice | undefined> {
  const { kind } = notice;
  try {
    const seen = await kindOf({ kind }).observe(arga, { ...sighting.seen.arga, id: sighting.id }, signal);
    return noticeOfSighting(kind, { ...sighting, seen });
  } catch (error) {
    if (error instanceof ArgaError && error.sent === "refused" && error.retryAfterMs === undefined)
      return notice;
    throw error;
  }
}
