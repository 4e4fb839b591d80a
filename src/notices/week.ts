import { kindOf } from "../kinds/index.ts";
import type { Kind, Outcome, Run } from "../runs/run.ts";

/** What a workspace's runs of a week come to, for the channel that asked for it. Pure. */

export const WEEK_MS = 7 * 24 * 3600_000;

/** A run that ended, as long as a digest may count it. No secret, and no address but those that its title has. */
export interface EndedRun {
  /** The bot's short id. */
  run: string;
  kind: Kind;
  /** Two of the same kind and title are runs of the same thing. */
  title: string;
  outcome: Outcome;
  /** By Arga's clock where it says. */
  tookMs?: number;
  /** How many twins it had. */
  twins: number;
  channel: string;
  /** No other channel may hear of it. */
  hidden?: true;
  /** When it was taken down here, in ms; by that it's of one week and of no other. */
  at: number;
}

const TITLE_LIMIT = 200;

/** What is kept of a run that just ended; undefined if it goes on. */
export function endedRun(run: Run, now: number): EndedRun | undefined {
  if (run.phase.name !== "ended") return undefined;
  const kind = kindOf(run);
  const spec = kind.spec(run);
  return {
    run: run.id,
    kind: run.kind,
    title: kind.title(spec).slice(0, TITLE_LIMIT),
    outcome: run.phase.outcome,
    ...(run.tookMs === undefined ? {} : { tookMs: run.tookMs }),
    twins: kind.needs(spec).twins.length,
    channel: run.channel,
    ...(run.hidden ? { hidden: true as const } : {}),
    at: now,
  };
}

/** What a test or validation did when it was run more than once. */
interface TestFigures {
  kind: Kind;
  title: string;
  /** Of how many runs. */
  of: number;
}

export interface Week {
  from: number;
  until: number;
  /** How many of each kind ended, most first. */
  kinds: { kind: Kind; count: number }[];
  passed: number;
  failed: number;
  /** Passed and failed among their last runs, worst first. */
  flaky: (TestFigures & { failed: number })[];
  /** By their mean time, slowest first. */
  slowest: (TestFigures & { meanMs: number })[];
  /** Minutes of all twins together. */
  twinMinutes: number;
}

/** How many of a test's last runs are held against each other. */
const LAST_RUNS = 10;
/** How many tests are named. */
const SHOWN = { flaky: 5, slowest: 3 };

/** What the week that ended at `until` comes to, seen from a channel. Flakiness is also told from runs just before. */
export function weekOf(all: readonly EndedRun[], channel: string, until: number): Week {
  const from = until - WEEK_MS;
  const known = all.filter((run) => run.at < until && (!run.hidden || run.channel === channel));
  const runs = known.filter(({ at }) => at >= from);
  const tests = runs.filter(isVerdict);
  const passed = tests.filter(({ outcome }) => outcome === "passed").length;
  return {
    from,
    until,
    kinds: kindsOf(runs),
    passed,
    failed: tests.length - passed,
    flaky: flakyOf(known, tests),
    slowest: slowestOf(tests),
    twinMinutes: Math.round(runs.reduce((sum, { twins, tookMs = 0 }) => sum + twins * tookMs, 0) / 60_000),
  };
}

/** A test or validation that came to a result; what is torn down when it's done has none. */
const isVerdict = ({ kind, outcome }: EndedRun): boolean =>
  (outcome === "passed" || outcome === "failed") && !kindOf({ kind }).actions.includes("teardown");

function kindsOf(runs: readonly EndedRun[]): Week["kinds"] {
  const groups = Map.groupBy(runs, ({ kind }) => kind);
  return [...groups].map(([kind, { length }]) => ({ kind, count: length })).sort((a, b) => b.count - a.count);
}

const sameTest = ({ kind, title }: EndedRun): string => JSON.stringify([kind, title]);

function flakyOf(known: readonly EndedRun[], tests: readonly EndedRun[]): Week["flaky"] {
  const ofWeek = new Set(tests.map(sameTest));
  const groups = Map.groupBy(known.filter(isVerdict), sameTest);
  return [...groups]
    .filter(([name]) => ofWeek.has(name))
    .map(([, runs]) => {
      const last = runs.toSorted((a, b) => b.at - a.at).slice(0, LAST_RUNS);
      return { ...figuresOf(last), failed: last.filter(({ outcome }) => outcome === "failed").length };
    })
    .filter(({ failed, of }) => failed > 0 && failed < of)
    .sort((a, b) => b.failed / b.of - a.failed / a.of || b.of - a.of)
    .slice(0, SHOWN.flaky);
}

function slowestOf(tests: readonly EndedRun[]): Week["slowest"] {
  const timed = tests.filter(({ tookMs }) => tookMs !== undefined);
  return [...Map.groupBy(timed, sameTest).values()]
    .map((runs) => ({
      ...figuresOf(runs),
      meanMs: runs.reduce((sum, { tookMs = 0 }) => sum + tookMs, 0) / runs.length,
    }))
    .sort((a, b) => b.meanMs - a.meanMs)
    .slice(0, SHOWN.slowest);
}

function figuresOf(runs: readonly EndedRun[]): TestFigures {
  const [{ kind, title } = { kind: "", title: "" }] = runs;
  return { kind, title, of: runs.length };
}
