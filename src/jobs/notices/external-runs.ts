import type { ArgaClient } from "../../api/client.ts";
import { ArgaError } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { ListedRun, RunList } from "../../kinds/kind.ts";
import { type Notice, noticeOfListedRun } from "../../notices/notices.ts";
import type { Kind } from "../../runs/run.ts";
import type { RunStore } from "../../store/runs.ts";
import { announce, channelsFor } from "./announce.ts";
import type { AnnounceDeps } from "./deps.ts";

/** What it takes to tell of runs that were started elsewhere. */
interface AnnounceOnceDeps extends AnnounceDeps {
  /** What was looked at before, in this process: the same old runs are in the list at every look. */
  seen: Set<string>;
}

/** Older than this it is no news, in ms; much less than a channel remembers what it heard. */
const NEWS_MS = 3 * 24 * 3600_000;
/** More than a list of runs holds. */
const SEEN_LIMIT = 20_000;

/** Tells all channels that want to hear of it how a run ended that nobody asked of this bot. */
async function announceExternalRun(deps: AnnounceOnceDeps, team: string, notice: Notice): Promise<void> {
  const name = nameOf(team, notice);
  if (deps.seen.has(name)) return;
  const channels = isNews(notice) ? await channelsFor(deps, team, notice) : [];
  await announce(deps, { team, channels, notice });
  // Who subscribes later does not hear of what is older: it need not be looked at again.
  remember(deps, name);
}

const nameOf = (team: string, { run, key }: Notice): string => `${team}:${run}:${key}`;

const isNews = (notice: Notice): boolean => Date.now() - notice.at <= NEWS_MS;

function remember({ seen }: AnnounceOnceDeps, name: string): void {
  if (seen.size >= SEEN_LIMIT) seen.clear();
  seen.add(name);
}

/** With what runs are told from those of this bot, and looked at more closely. */
export interface ExternalRunsDeps extends AnnounceOnceDeps {
  store: RunStore;
  arga: ArgaClient;
  signal: AbortSignal;
}

/** Tells of those in a list that are over and that nobody asked of this bot. */
export async function announceExternalRuns(
  deps: ExternalRunsDeps,
  { team, kind, runs }: RunList,
): Promise<void> {
  // What is being created may be in the list before its record knows it by its name.
  if (await isCreating(deps, team, kind)) return;
  for (const listed of runs) {
    const notice = noticeOfListedRun(kind, listed);
    if (!notice || deps.seen.has(nameOf(team, notice))) continue;
    const isOurs = !isNews(notice) || (await deps.store.knows(team, listed.id));
    if (isOurs) remember(deps, nameOf(team, notice));
    else await announceOne(deps, team, notice, listed);
  }
}

async function isCreating({ store }: ExternalRunsDeps, team: string, kind: Kind): Promise<boolean> {
  const live = await store.liveRuns(team);
  return live.some((run) => run.kind === kind && run.phase.name === "creating");
}

/** Whether a run looks like what one of ours made whose create ended as unknown: that may be its, for ever. */
async function mayBeOurs(deps: ExternalRunsDeps, team: string, { kind, run: id }: Notice): Promise<boolean> {
  const unclear = (await deps.store.unclearRuns(team)).filter(({ run }) => run.kind === kind);
  for (const { run, since } of unclear)
    if ((await kindOf(run).findCreated?.(deps.arga, run, since, deps.signal))?.includes(id)) return true;
  return false;
}

async function announceOne(
  deps: ExternalRunsDeps,
  team: string,
  notice: Notice,
  listed: ListedRun,
): Promise<void> {
  const name = nameOf(team, notice);
  try {
    // Nobody who could hear of it was there when it ended.
    const isWanted = (await channelsFor(deps, team, notice)).length > 0;
    const isOthers = isWanted && !(await mayBeOurs(deps, team, notice));
    const closer = !isOthers ? undefined : listed.isBrief ? await lookedCloser(deps, notice, listed) : notice;
    if (closer) await announceExternalRun(deps, team, closer);
    remember(deps, name);
  } catch (error) {
    // It is in the next list too.
    if (!(error instanceof ArgaError)) throw error;
  }
}

/** Where the list does not say enough, the run is asked itself; if that is refused, the list's word has to do. */
async function lookedCloser(
  { arga, signal }: ExternalRunsDeps,
  notice: Notice,
  listed: ListedRun,
): Promise<Notice | undefined> {
  const { kind } = notice;
  try {
    const seen = await kindOf({ kind }).observe(arga, { ...listed.seen.arga, id: listed.id }, signal);
    return noticeOfListedRun(kind, { ...listed, seen });
  } catch (error) {
    if (error instanceof ArgaError && error.sent === "refused" && error.retryAfterMs === undefined)
      return notice;
    throw error;
  }
}
