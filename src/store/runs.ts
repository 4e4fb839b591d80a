import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { CodedError } from "../base/errors.ts";
import type { Run, RunRef } from "../runs/run.ts";
import { guarded, runScript } from "./redis.ts";
import { decodeRun, encodeRun } from "./run-record.ts";
import { CREATE, TOLD, WRITE } from "./run-scripts.ts";

/** Two writers kept changing the same record; it is tried again later. */
export class StoreConflict extends CodedError {
  readonly code = "STORE_CONFLICT";

  constructor(ref: RunRef) {
    super(`The record of run ${ref.id} kept changing while it was written.`);
  }
}

/** Runs that one person may have going on: everybody's cards, and what Arga is asked, share the same limits. */
const LIVE_MOST = 2_000;

/** The person has as many runs going on as one may have. */
class TooManyRuns extends CodedError {
  readonly code = "TOO_MANY_RUNS";

  constructor() {
    super(
      `You have ${LIVE_MOST} runs going on, which is the most. End some first; \`/arga list mine\` shows them.`,
    );
  }
}

/** A press or a command is remembered this long, so that its repetition has no second effect, in seconds. */
const ONCE_SECONDS = 24 * 3600;
/** A run that is over can be looked at, and started again, for this long, in seconds. */
const KEPT_SECONDS = 30 * 24 * 3600;
const CONFLICT_TRIES = 40;
/** Writers who met wait apart, so that they do not meet again; in ms for each try so far. */
const CONFLICT_WAIT_MS = 2;
/** More than this share a prefix: it is no use to look further. */
const CANDIDATES = 20;
/** A run whose create is unclear is remembered as such for longer than its end would be news, in seconds. */
const UNCLEAR_SECONDS = 4 * 24 * 3600;
/** Records that are looked at for one prefix, and how many of them at a time. */
const LOOKED_AT_MOST = 2_000;
const PAGE = 100;
const ID_LETTERS = "abcdefghjkmnpqrstuvwxyz";
const ID_CHARACTERS = `${ID_LETTERS}23456789`;

/** What is to happen once: the delivery that asks for a run, or what it asks for; for a day unless `seconds` says less. */
export interface Mark {
  name: string;
  seconds?: number;
}

type OnUnreadable = (ref: RunRef, error: unknown) => void;
type Change = (run: Run) => Run;
/** Whether nothing is left to do for a run: its record is then kept for a while only. */
type IsSettled = (run: Run) => boolean;
const never: IsSettled = () => false;

/**
 * The records of runs in Redis: a hash each (`version`, `json`), an index of those that still have something to
 * do, and one of their ids. Writes are optimistic: {@link RunStore.update} changes, writes, and reads anew until
 * nobody came between.
 */
export class RunStore {
  readonly #redis: Redis;
  /** By record: when the last of those who wait to write it is done. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #prefix: string;
  readonly #onUnreadable: OnUnreadable;
  readonly #unreadable = new Set<string>();

  /** `onUnreadable` is told once of each record that can't be read. */
  constructor(redis: Redis, prefix: string, onUnreadable: OnUnreadable) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#onUnreadable = onUnreadable;
  }

  /** A short id that can be said aloud; not taken yet as far as chance allows (31 million for each first letter). */
  static newId(): string {
    const pick = (from: string): string => from.charAt(randomInt(from.length));
    return pick(ID_LETTERS) + Array.from({ length: 5 }, () => pick(ID_CHARACTERS)).join("");
  }

  /**
   * Writes a new record, unless one of the marks was made before and still stands: false then.
   * @throws {StoreUnavailable} {@link TooManyRuns}
   */
  async create(run: Run, ...marks: [Mark, ...Mark[]]): Promise<boolean> {
    const names = marks.map(({ name }) => this.#mark(run.team, name));
    const keys = [this.#key(run), this.#live, this.#ids(run.team), this.#liveOf(run), ...names];
    const seconds = marks.map((mark) => mark.seconds ?? ONCE_SECONDS);
    const entry = `${run.id}|${run.id}`;
    const args = [encodeRun(run), member(run), run.requestedAt, entry, LIVE_MOST, ...seconds];
    const written = await guarded(runScript(this.#redis, CREATE, keys, args));
    if (written === -1) throw new TooManyRuns();
    return written === 1;
  }

  /** Marks a delivery that creates nothing as seen; false if it was before. */
  async once(team: string, name: string, seconds = ONCE_SECONDS): Promise<boolean> {
    return (await guarded(this.#redis.set(this.#mark(team, name), "1", "EX", seconds, "NX"))) === "OK";
  }

  /** undefined also for a record that can't be read: one bad record breaks no list, and nothing is done to it. */
  async get(ref: RunRef): Promise<Run | undefined> {
    const run = await this.#read(ref);
    return run === "unreadable" ? undefined : run;
  }

  async #read(ref: RunRef): Promise<Run | "unreadable" | undefined> {
    const [version, json] = await guarded(this.#redis.hmget(this.#key(ref), "version", "json"));
    try {
      return json ? decodeRun(json, version) : undefined;
    } catch (error) {
      if (!this.#unreadable.has(member(ref))) this.#onUnreadable(ref, error);
      this.#unreadable.add(member(ref));
      return "unreadable";
    }
  }

  /** Which version of a record is the newest; undefined: there is none. */
  async version(ref: RunRef): Promise<number | undefined> {
    const version = await guarded(this.#redis.hget(this.#key(ref), "version"));
    return version === null ? undefined : Number(version);
  }

  /**
   * Changes a record by a pure function, which is called on what the caller holds, and on a newer record if there is
   * one. A function that returns what it was given writes nothing. Returns the record as it is afterwards; undefined
   * if there is none.
   * @throws {StoreUnavailable} {@link StoreConflict}
   */
  async update(held: Run, change: Change, isSettled: IsSettled = never): Promise<Run | undefined> {
    const next = change(held);
    if (next === held) return held;
    const written = await this.replace(held, next, isSettled(next));
    return written ?? (await this.#inTurn(held, () => this.#updateAgain(held, change, isSettled)));
  }

  async #updateAgain(held: Run, change: Change, isSettled: IsSettled): Promise<Run | undefined> {
    for (let tries = 1; tries < CONFLICT_TRIES; tries++) {
      const run = await this.get(held);
      if (run === undefined) return undefined;
      const next = change(run);
      if (next === run) return run;
      const written = await this.replace(run, next, isSettled(next));
      if (written) return written;
      await sleep(Math.random() * CONFLICT_WAIT_MS * tries);
    }
    throw new StoreConflict(held);
  }

  /** Those of one process who would write the same record wait for one another, instead of all but one in vain. */
  async #inTurn<T>(of: RunRef, work: () => Promise<T>): Promise<T> {
    const key = this.#key(of);
    const before = this.#turns.get(key);
    const turn = (before ?? Promise.resolve()).then(work);
    const over = turn.then(
      () => {},
      () => {},
    );
    this.#turns.set(key, over);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === over) this.#turns.delete(key);
    }
  }

  /** As {@link RunStore.update}, for whoever holds no record, or an old one. */
  async updateNewest(ref: RunRef, change: Change, isSettled: IsSettled = never): Promise<Run | undefined> {
    const run = await this.get(ref);
    return run && (await this.update(run, change, isSettled));
  }

  /**
   * Writes a record in the place of the one that it was made of. Returns it as it stands then; undefined if that one
   * doesn't stand there any more, and nothing was written. A `settled` one is kept for a while only.
   */
  async replace(held: Run, next: Run, settled: boolean): Promise<Run | undefined> {
    const run = { ...withoutUrl(next, settled), version: held.version + 1 };
    const keys = [
      this.#key(run),
      this.#live,
      this.#ids(run.team),
      this.#liveOf(run),
      this.#idsUntil(run.team),
    ];
    const alias = run.arga ? `${run.arga.id.toLowerCase()}|${run.id}` : "";
    const args = [
      held.version,
      encodeRun(run),
      member(run),
      settled ? 1 : 0,
      alias,
      KEPT_SECONDS,
      run.requestedAt,
      `${run.id}|${run.id}`,
      Math.floor(Date.now() / 1000),
    ];
    const written = await guarded(runScript(this.#redis, WRITE, keys, args));
    return written === 1 ? run : undefined;
  }

  /**
   * The runs that `text` may mean, among those that may be meant at all (that this person may see): a short id, Arga's id,
   * or the beginning of either; an exact id means one.
   */
  async find(team: string, text: string, mayBeMeant: (run: Run) => boolean = () => true): Promise<Run[]> {
    const start = text.toLowerCase();
    if (!/^[\w-]{1,64}$/.test(start)) return [];
    const exact = await this.#findFrom(team, `${start}|`, mayBeMeant);
    return exact.length > 0 ? exact : await this.#findFrom(team, start, mayBeMeant);
  }

  /** Looks on past what may not be meant, so that those runs neither hide others nor show that they are there. */
  async #findFrom(team: string, start: string, mayBeMeant: (run: Run) => boolean): Promise<Run[]> {
    const found = new Map<string, Run>();
    let from = `[${start}`;
    for (let looked = 0; looked < LOOKED_AT_MOST && found.size < CANDIDATES; ) {
      const entries = await guarded(
        this.#redis.zrangebylex(this.#ids(team), from, `[${start}\xff`, "LIMIT", 0, PAGE),
      );
      const records = await Promise.all(entries.map((entry) => this.#read({ team, id: idOf(entry) })));
      const gone = entries.filter((_entry, i) => records[i] === undefined);
      // The record's time was up; its entries would hide those of runs that live.
      if (gone.length > 0) await guarded(this.#redis.zrem(this.#ids(team), ...gone));
      for (const run of records) {
        const isMeant = run !== undefined && run !== "unreadable" && mayBeMeant(run);
        if (isMeant && found.size < CANDIDATES) found.set(run.id, run);
      }
      const last = entries.at(-1);
      if (last === undefined || entries.length < PAGE) break;
      from = `(${last}`;
      looked += entries.length - gone.length;
    }
    return [...found.values()];
  }

  /** The run that has this id at Arga. */
  async byArga(team: string, argaId: string): Promise<Run | undefined> {
    const start = `${argaId.toLowerCase()}|`;
    const entries = await guarded(
      this.#redis.zrangebylex(this.#ids(team), `[${start}`, `[${start}\xff`, "LIMIT", 0, CANDIDATES),
    );
    const runs = await Promise.all(entries.map((entry) => this.get({ team, id: idOf(entry) })));
    return runs.find((run) => run?.arga?.id === argaId);
  }

  /** All that are kept of a channel and not hidden, those that ended too; looks at every record, so it's for rare occasions. */
  async shownIn(team: string, channel: string): Promise<Run[]> {
    const entries = await guarded(this.#redis.zrangebylex(this.#ids(team), "-", "+"));
    const ids = [...new Set(entries.map(idOf))];
    const shown: Run[] = [];
    for (let from = 0; from < ids.length; from += PAGE) {
      const page = ids.slice(from, from + PAGE);
      const runs = await Promise.all(page.map((id) => this.get({ team, id })));
      for (const run of runs) if (run && !run.hidden && run.channel === channel) shown.push(run);
    }
    return shown;
  }

  /** Whether a run of this bot has, or had, this id at Arga. */
  async knows(team: string, argaId: string): Promise<boolean> {
    const start = `${argaId.toLowerCase()}|`;
    const [entry] = await guarded(
      this.#redis.zrangebylex(this.#ids(team), `[${start}`, `[${start}\xff`, "LIMIT", 0, 1),
    );
    return entry !== undefined;
  }

  /** Remembers a run whose create may have made something, at `since` or later, that it will never be known to be. */
  async noteUnclear({ team, id }: RunRef, since: number): Promise<void> {
    const key = this.#unclear(team);
    const old = Date.now() - UNCLEAR_SECONDS * 1_000;
    await guarded(
      this.#redis
        .multi()
        .zremrangebyscore(key, "-inf", old)
        .zadd(key, since, id)
        .expire(key, UNCLEAR_SECONDS)
        .exec(),
    );
  }

  /** Those of the last days, with the time since when what they made may exist. */
  async unclearRuns(team: string): Promise<{ run: Run; since: number }[]> {
    const found = await guarded(this.#redis.zrange(this.#unclear(team), "0", "-1", "WITHSCORES"));
    const runs: { run: Run; since: number }[] = [];
    for (let i = 0; i + 1 < found.length; i += 2) {
      const run = await this.get({ team, id: found[i] ?? "" });
      if (run) runs.push({ run, since: Number(found[i + 1]) });
    }
    return runs;
  }

  /** Every run that still has something to do, oldest first. */
  async live(): Promise<RunRef[]> {
    const members = await guarded(this.#redis.zrange(this.#live, "0", "-1"));
    return members.map((name) => {
      const cut = name.indexOf(":");
      return { team: name.slice(0, cut), id: name.slice(cut + 1) };
    });
  }

  /** Notes that Slack has nothing left to hear of this version, at no later time either. */
  async noteTold(run: Run): Promise<void> {
    await guarded(runScript(this.#redis, TOLD, [this.#key(run)], [run.version]));
  }

  /** Those of which Slack may have something left to hear. One round trip, however many they are. */
  async untold(refs: readonly RunRef[]): Promise<RunRef[]> {
    if (refs.length === 0) return [];
    const pipeline = this.#redis.pipeline();
    for (const ref of refs) pipeline.hmget(this.#key(ref), "version", "told");
    const found = (await guarded(pipeline.exec())) ?? [];
    const isTold = (answer: unknown): boolean =>
      Array.isArray(answer) && answer[0] !== null && answer[0] === answer[1];
    return refs.filter((_ref, n) => !isTold(found[n]?.[1]));
  }

  /**
   * Whether it's this process's turn to look after what was lost, for `ms`; `now`: whoever did before.
   */
  async takeSweep(ms: number, now = false): Promise<boolean> {
    const key = `${this.#prefix}:sweep`;
    const set = now ? this.#redis.set(key, "1", "PX", ms) : this.#redis.set(key, "1", "PX", ms, "NX");
    return (await guarded(set)) === "OK";
  }

  /** How many runs that still have something to do were asked for since `at`, in ms since the epoch. */
  async liveSince(at: number): Promise<number> {
    return await guarded(this.#redis.zcount(this.#live, at, "+inf"));
  }

  /** The records of a workspace's runs that still have something to do, oldest first; of all without a team. */
  async liveRuns(team?: string): Promise<Run[]> {
    const refs = (await this.live()).filter((ref) => team === undefined || ref.team === team);
    const runs = await Promise.all(refs.map((ref) => this.get(ref)));
    return runs.filter((run) => run !== undefined);
  }

  #key(ref: RunRef): string {
    return `${this.#prefix}:run:${ref.team}:${ref.id}`;
  }

  #mark(team: string, name: string): string {
    return `${this.#prefix}:once:${team}:${name}`;
  }

  get #live(): string {
    return `${this.#prefix}:live`;
  }

  #liveOf({ team, requester }: Run): string {
    return `${this.#prefix}:live:${team}:${requester.id}`;
  }

  #unclear(team: string): string {
    return `${this.#prefix}:unclear:${team}`;
  }

  #ids(team: string): string {
    return `${this.#prefix}:ids:${team}`;
  }

  #idsUntil(team: string): string {
    return `${this.#prefix}:ids-until:${team}`;
  }
}

/** Slack takes no answers at a `response_url` after 30 minutes, in ms; nor is there one left for a run that is settled. */
const URL_MS = 30 * 60_000;

/** Whoever reads a record must not be able to speak as the bot any longer than the bot itself. */
function withoutUrl(run: Run, settled: boolean): Run {
  const { url, ...reply } = run.reply;
  return url !== undefined && (settled || Date.now() - reply.at > URL_MS) ? { ...run, reply } : run;
}

const idOf = (entry: string): string => entry.slice(entry.indexOf("|") + 1);

const member = (ref: RunRef): string => `${ref.team}:${ref.id}`;
