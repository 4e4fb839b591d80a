import type { Redis } from "ioredis";
import { isResult, type Run, type RunRef } from "../runs/run.ts";
import {
  type AppHome,
  decodeHome,
  FILTER_FIELD,
  LISTS,
  type ListName,
  pageField,
} from "./app-home-record.ts";
import { CHANGED, PUBLISHED, VIEWED } from "./app-home-scripts.ts";
import { guarded, runScript } from "./redis.ts";

/** Somebody's App Home. */
export interface HomeOwner {
  team: string;
  user: string;
}

/** Whether Arga answered when it was asked last. */
export interface ArgaCheck {
  at: number;
  /** Why it did not, and since when. */
  trouble?: { why: string; since: number };
}

/** Somebody looks at their Home for this long after they opened it or pressed something in it, in ms. */
export const VIEWING_MS = 10 * 60_000;
/** A Home is kept up to date for this long after its person saw it last, in seconds. */
const KEPT_SECONDS = 7 * 24 * 3600;
const ENDS_SECONDS = 30 * 24 * 3600;
/** Ended runs that are listed of a workspace. */
const ENDS_KEPT = 200;
const SHOWN_SECONDS = 24 * 3600;

/** Whoever looked, or pressed something, so shortly ago is still there, in ms; others would miss what is said. */
const THERE_MS = 30_000;
/** Blocks of answers on a Home. */
const SAID_BLOCKS = 6;

/** A run, as far as Homes show it. */
interface Shown {
  run: Run;
  /** All that they show of it, in short. */
  fingerprint: string;
}

/**
 * Who opened their Home, what it shows, and the ends of a workspace's runs: a hash for each person, and for each
 * workspace an index of who looks and one of runs by their end.
 */
export class AppHomeStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async get(of: HomeOwner): Promise<AppHome | undefined> {
    const [fields, changes] = await guarded(
      Promise.all([this.#redis.hgetall(this.#home(of)), this.changes(of.team)]),
    );
    return fields.looked ? decodeHome(fields, changes) : undefined;
  }

  /** Someone opened their Home. After a while, it begins at its first pages again. */
  async opened(of: HomeOwner, now: number): Promise<void> {
    const before = await this.#viewed(of, now, []);
    if (now - before <= VIEWING_MS) return;
    await guarded(this.#redis.hdel(this.#home(of), ...LISTS.map(pageField)));
  }

  /** Someone turned a page in their Home. */
  async turned(of: HomeOwner, list: ListName, page: number): Promise<void> {
    await this.#viewed(of, Date.now(), [pageField(list), String(page)]);
  }

  /** Someone chose which runs their Home lists; the lists begin at their first pages again. */
  async filtered(of: HomeOwner, filter: string): Promise<void> {
    const pages = LISTS.flatMap((list) => [pageField(list), "0"]);
    await this.#viewed(of, Date.now(), [FILTER_FIELD, filter, ...pages]);
  }

  /** Someone pressed something in their Home, so they are there. */
  async pressed(of: HomeOwner): Promise<void> {
    await this.#viewed(of, Date.now(), []);
  }

  /** Puts an answer on a person's Home, under those before; false: they may not be there to see it. */
  async say(of: HomeOwner, blocks: readonly unknown[], now = Date.now()): Promise<boolean> {
    const [looked, said] = await guarded(this.#redis.hmget(this.#home(of), "looked", "said"));
    if (now - Number(looked) > THERE_MS) return false;
    const before = said ? (JSON.parse(said) as { blocks: unknown[]; at: number }) : undefined;
    const older = before && now - before.at < THERE_MS ? before.blocks : [];
    const all = [...older, ...blocks].slice(-SAID_BLOCKS);
    await guarded(
      this.#redis
        .multi()
        .hset(this.#home(of), "said", JSON.stringify({ blocks: all, at: now }))
        .hincrby(this.#home(of), "looks", 1)
        .exec(),
    );
    return true;
  }

  /** Slack was sent it as it was after so many views. */
  async published(of: HomeOwner, hash: string, views: number): Promise<void> {
    await guarded(runScript(this.#redis, PUBLISHED, [this.#home(of)], [hash, Date.now(), views]));
  }

  /** Those who look at their Home now. */
  async viewers(team: string): Promise<string[]> {
    const since = Date.now() - VIEWING_MS;
    return await guarded(this.#redis.zrangebyscore(this.#viewers(team), since, "+inf"));
  }

  /** Counts changes of runs in a workspace while anyone looks. */
  async changes(team: string): Promise<string> {
    return (await guarded(this.#redis.get(this.#changes(team)))) ?? "0";
  }

  /**
   * Lists a run that ended, and returns whose Homes show it otherwise than it is now: those who look, and its
   * requester; nobody if it was shown like that. Say {@link AppHomeStore.shown} once they were told.
   */
  async changed({ run, fingerprint }: Shown): Promise<string[]> {
    const now = Date.now();
    const { team } = run;
    const keys = [this.#shown(run), this.#ends(team), this.#viewers(team), this.#changes(team)];
    const end = run.phase.name === "ended" && isResult(run) ? String(run.phase.at) : "";
    const since = [now - VIEWING_MS, now - KEPT_SECONDS * 1000];
    const args = [
      fingerprint,
      run.id,
      end,
      run.requester.id,
      ...since,
      SHOWN_SECONDS,
      ENDS_KEPT,
      ENDS_SECONDS,
    ] as const;
    return (await guarded(runScript(this.#redis, CHANGED, keys, args))) as string[];
  }

  /** Whoever is to see the run as it is was told. */
  async shown({ run, fingerprint }: Shown): Promise<void> {
    await guarded(this.#redis.set(this.#shown(run), fingerprint, "EX", SHOWN_SECONDS));
  }

  /** Runs that ended, the newest first. */
  async ends(team: string): Promise<RunRef[]> {
    const ids = await guarded(this.#redis.zrevrange(this.#ends(team), 0, ENDS_KEPT - 1));
    return ids.map((id) => ({ team, id }));
  }

  /** undefined: Arga was not asked yet. It is the same for all workspaces. */
  async arga(): Promise<ArgaCheck | undefined> {
    const json = await guarded(this.#redis.get(this.#arga));
    return json ? (JSON.parse(json) as ArgaCheck) : undefined;
  }

  async argaAnswered(check: ArgaCheck): Promise<void> {
    await guarded(this.#redis.set(this.#arga, JSON.stringify(check), "EX", KEPT_SECONDS));
  }

  /** How long Redis takes to answer, in ms. */
  async ping(): Promise<number> {
    const begun = performance.now();
    await guarded(this.#redis.ping());
    return performance.now() - begun;
  }

  /** When they looked before. */
  async #viewed(of: HomeOwner, now: number, fields: string[]): Promise<number> {
    const keys = [this.#home(of), this.#viewers(of.team)];
    const args = [now, of.user, now - KEPT_SECONDS * 1000, KEPT_SECONDS, ...fields];
    return Number(await guarded(runScript(this.#redis, VIEWED, keys, args)));
  }

  #home({ team, user }: HomeOwner): string {
    return `${this.#prefix}:home:${team}:${user}`;
  }

  #shown({ team, id }: RunRef): string {
    return `${this.#prefix}:homes:shown:${team}:${id}`;
  }

  #ends(team: string): string {
    return `${this.#prefix}:ends:${team}`;
  }

  #viewers(team: string): string {
    return `${this.#prefix}:homes:lookers:${team}`;
  }

  #changes(team: string): string {
    return `${this.#prefix}:homes:changes:${team}`;
  }

  get #arga(): string {
    return `${this.#prefix}:homes:arga`;
  }
}
