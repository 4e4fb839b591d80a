import type { KnownBlock } from "@slack/types";
import type { Subscription } from "../../notices/notices.ts";
import { isVisible } from "../../runs/authority.ts";
import { isResult, type Run, type RunRef } from "../../runs/run.ts";
import type { HomeOwner } from "../../store/app-home.ts";
import { type AppHome, kindFilter } from "../../store/app-home-record.ts";
import type { HomeData } from "../../views/home-scene.ts";
import { type HomeDeps, readerOf } from "./deps.ts";

/** An answer to a press stands on the Home for this long, in ms. */
export const SAID_MS = 2 * 60_000;

/** Looks up all that somebody's Home shows; Arga is not asked. Throws {@link StoreUnavailable}. */
export async function loadHomeData(deps: HomeDeps, person: HomeOwner, home: AppHome): Promise<HomeData> {
  const { team, user } = person;
  const { argaCache, homes } = deps;
  const now = Date.now();
  const [live, ended, tests, plan, subscriptions, arga, redisMs, cardLink, { presets }] = await Promise.all([
    deps.store.liveRuns(team),
    homes.ends(team).then((refs) => recordsOf(deps, refs)),
    argaCache.tests.peek(),
    argaCache.plan.peek(),
    deps.subscriptions.all(team),
    homes.arga(),
    homes.ping(),
    deps.links.of(team),
    deps.settings.of(person),
  ]);
  const isShown = (run: Run): boolean => isVisible(readerOf(user), run, deps.admins);
  const isListed = (run: Run): boolean => isShown(run) && passes(home.filter, run, user);
  const running = live.filter((run) => run.phase.name !== "ended" && isListed(run));
  const isMine = (run: Run): boolean => run.requester.id === user;
  return {
    now,
    maxTtlMinutes: deps.maxTtlMinutes,
    user,
    pages: home.pages,
    filter: home.filter,
    presets: presets.map(({ name }) => name),
    mine: running.filter(isMine).sort(soonestFirst),
    others: running.filter((run) => !isMine(run)).sort((a, b) => b.requestedAt - a.requestedAt),
    recent: ended.filter((run) => isResult(run) && isListed(run)),
    tests,
    plan,
    subscriptions: subscriptions.filter((each) => isTold(each, user, deps.admins)).sort(byChannel),
    connections: { arga, redisMs },
    said: home.said && now - home.said.at < SAID_MS ? (home.said.blocks as KnownBlock[]) : [],
    cardLink,
  };
}

const passes = (filter: string, { kind, requester }: Run, user: string): boolean =>
  filter === "mine" ? requester.id === user : !filter.startsWith("kind:") || filter === kindFilter(kind);

async function recordsOf(deps: HomeDeps, refs: readonly RunRef[]): Promise<Run[]> {
  const runs = await Promise.all(refs.map((ref) => deps.store.get(ref)));
  return runs.filter((run) => run !== undefined);
}

/** What ends without a time comes last, the newest of it first. */
const soonestFirst = (a: Run, b: Run): number =>
  (a.deadline?.at ?? FAR) - (b.deadline?.at ?? FAR) || b.requestedAt - a.requestedAt;

const FAR = Number.MAX_SAFE_INTEGER;

/** What a channel hears may name what only its people know. */
const isTold = ({ by, isPublic }: Subscription, user: string, admins: ReadonlySet<string>): boolean =>
  by.id === user || admins.has(user) || isPublic === true;

const byChannel = (a: Subscription, b: Subscription): number =>
  a.channel < b.channel ? -1 : a.channel > b.channel ? 1 : a.id - b.id;
