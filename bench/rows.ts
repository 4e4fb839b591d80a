import { PARTS_OF_ACK } from "./ack-shares.ts";
import type { Samples } from "./emit.ts";
import { median, quantile, shown, spread } from "./numbers.ts";

/** What the benchmarks found, by their names in `bench/main.ts`; undefined: one failed. */
export type Found = Record<string, Samples | undefined>;

/** A line of the table: what it was when the mark was set, the mark, and how it's read from what was found. */
interface Row {
  what: string;
  was: string;
  mark: string;
  of: (found: Found) => number[];
  unit?: string;
  holds: (value: number) => boolean;
  /** Of the values: which one is judged; the median by default. */
  share?: number;
  /** What the floor is made of, where the mark isn't met. */
  why: string | ((found: Found) => string);
}

export interface Judged {
  what: string;
  was: string;
  mark: string;
  measured: string;
  verdict: string;
  why: string;
}

const atMost =
  (most: number) =>
  (value: number): boolean =>
    value <= most;
const atLeast =
  (least: number) =>
  (value: number): boolean =>
    value >= least;

const samples =
  (bench: string, name: string) =>
  (found: Found): number[] =>
    found[bench]?.[name] ?? [];

/** Of each round, one contender's figure over the other's. */
export const ratio =
  (one: string, other: string) =>
  (found: Found): number[] =>
    (found.acks?.[one] ?? []).map((value, n) => value / (found.acks?.[other]?.[n] ?? Number.NaN));

const over =
  (bench: string, [one, other]: [string, string], share = 0.5) =>
  (found: Found): number[] => {
    const [a, b] = [found[bench]?.[one] ?? [], found[bench]?.[other] ?? []];
    return a.length > 0 && b.length > 0 ? [quantile(a, share) / quantile(b, share)] : [];
  };

/** What a peer gets that looks first whether it was asked before, and what our work takes beside it. */
function onceFloor(n: number, figure: string, found: Found): string {
  const times = (one: string, which: string): string =>
    spread(ratio(`${one} ${n} ${which}`, `bullmq ${n} ${which}`)(found));
  return `A repeated delivery begins nothing: whether it is one is asked before anything is kept, a round trip more than the peer's; a peer that asks too gets ${times("once", figure)} ×. The rest is what a request takes of the processor, ${times("web", "cpu")} × the peer's: a record with its indexes and marks beside the job, the person's settings, the command read by its grammar and held against Arga's catalog and plan, three writes to sockets where the peer makes two. By V8's profile, one at once, that is ${sharesOf(found)}. ${n === 1 ? `Without any code of this bot's it would be ${withoutOurs(found)} × the requests. ` : ""}A second process of ROLE=web doubles it.`;
}

/** What the ratio would be, one at once, if our own code took no time: what is left is Node's, Bolt's, Redis' and BullMQ's. */
function withoutOurs(found: Found): string {
  const of = (name: string): number => median(found.acks?.[name] ?? []);
  const own = of("web 1 cpu") * of("share ours");
  return shown(1_000 / of("bullmq 1 perSecond") / (1_000 / of("web 1 perSecond") - own));
}

/** What the same process does besides. */
function workersFloor(n: number, found: Found): string {
  const [all, web] = [found.acks?.[`all ${n} cpu`] ?? [], found.acks?.[`web ${n} cpu`] ?? []];
  const times = shown(median(all) / median(web));
  return `One thread also posts the cards, creates the runs and watches them, hundreds of which are under way here: for each acknowledgement it takes ${shown(median(all))} ms of processor time, ${times} × what ROLE=web takes. Where acknowledgements matter that much, ROLE=web and ROLE=worker are two processes.`;
}

/** What is the process's own, and what each run adds, as 1,000 and 10,000 of them tell. */
function idleFloor(found: Found): string {
  const [one, ten] = [found.idle1000, found.idle10000].map((each) => median(each?.cpuPerRunMinute ?? []));
  const own = ((one ?? Number.NaN) - (ten ?? Number.NaN)) / (1 / 1_000 - 1 / 10_000);
  const each = (one ?? Number.NaN) - own / 1_000;
  return `With 10,000 runs it is ${shown(ten ?? Number.NaN)} ms. So ${shown(own / 1_000)} s a minute are the process's own, shared by the runs: five workers that wait for jobs and look for stalled ones, a look at Slack's token, a clock of the event loop. A run adds ${shown(each)} ms: a look every five minutes, which is a job of BullMQ, a request to Arga, its answer read by its shape and held against the record.`;
}

function sharesOf(found: Found): string {
  const shares = PARTS_OF_ACK.map(([part, title]) => ({ title, share: found.acks?.[`share ${part}`]?.[0] }));
  return shares
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0))
    .map(({ title, share }) => `${share === undefined ? "?" : Math.round(share * 100)} % ${title}`)
    .join(", ");
}

const ROWS: readonly Row[] = [
  ...([1, 20, 200] as const).map(
    (n): Row => ({
      what: `requests/s of \`/arga twins stripe 60\`, ROLE=web, over Bolt + one BullMQ add, ${n} at once`,
      was: n === 1 ? "0.72" : "0.61",
      mark: "≥ 0.8",
      of: ratio(`web ${n} perSecond`, `bullmq ${n} perSecond`),
      unit: "×",
      holds: atLeast(0.8),
      why: (found) => onceFloor(n, "perSecond", found),
    }),
  ),
  ...([1, 20, 200] as const).map(
    (n): Row => ({
      what: `the same, ROLE=all while its workers work, ${n} at once`,
      was: n === 1 ? "0.34" : "0.40",
      mark: "≥ 0.7",
      of: ratio(`all ${n} perSecond`, `beside ${n} perSecond`),
      unit: "×",
      holds: atLeast(0.7),
      why: (found) => workersFloor(n, found),
    }),
  ),
  {
    what: "its p50, one at a time, ROLE=web, over the peer's",
    was: "3.1",
    mark: "≤ 1.5",
    of: ratio("web 1 p50", "bullmq 1 p50"),
    unit: "×",
    holds: atMost(1.5),
    why: (found) => onceFloor(1, "p50", found),
  },
  {
    what: "end of a run → card shows it, 15 short test runs a minute, p95",
    was: "20 s",
    mark: "≤ 1.5 s",
    of: samples("edits", "ends"),
    unit: " s",
    share: 0.95,
    holds: atMost(1.5),
    why: "Arga has no stream for test runs: their list is read every half second while one is likely to be over and every second before anything is known of how long they take. The rest is the edit.",
  },
  {
    what: "40 twins asked for within 6 s → card shows `ready` after Arga has it, the last of them",
    was: "> 30 s",
    mark: "≤ 3 s",
    of: samples("edits", "ready"),
    unit: " s",
    share: 1,
    holds: atMost(3),
    why: "Slack takes 50 edits a minute of a workspace.",
  },
  {
    what: "idle live twins at 1,000: processor time for a run and minute",
    was: "4.1 ms",
    mark: "≤ 1 ms",
    of: samples("idle1000", "cpuPerRunMinute"),
    unit: " ms",
    holds: atMost(1),
    why: idleFloor,
  },
  {
    what: "the same: Redis commands, those inside scripts included",
    was: "225",
    mark: "≤ 20",
    of: samples("idle1000", "commandsPerRunMinute"),
    holds: atMost(20),
    why: "A look is a job of BullMQ, whose scripts take some fifty commands to hand it out, end it and plan the next.",
  },
  {
    what: "the same: requests to Arga",
    was: "2.0",
    mark: "≤ 0.25",
    of: samples("idle1000", "requestsPerRunMinute"),
    holds: atMost(0.25),
    why: "A look every five minutes, give or take.",
  },
  {
    what: "500 validations and 500 tests that go from step to step: cores",
    was: "0.55",
    mark: "≤ 0.14",
    of: samples("walking", "cores"),
    holds: atMost(0.14),
    why: "Each comes to its next step every 30 s: 33 events a second are read, kept and shown.",
  },
  {
    what: "10,000 live runs in one process: memory",
    was: "not proven",
    mark: "≤ 512 MB",
    of: samples("idle10000", "memory"),
    unit: " MB",
    holds: atMost(512),
    why: "Jobs and records under way.",
  },
  {
    what: "the same: cores",
    was: "not proven",
    mark: "≤ 0.5",
    of: samples("idle10000", "cores"),
    holds: atMost(0.5),
    why: "Looks at Arga.",
  },
  {
    what: "the same: processor time for a run, over that at 1,000",
    was: "not proven",
    mark: "≤ 1.1",
    of: (found) => tenfold(found, "cpuPerRunMinute"),
    unit: "×",
    holds: atMost(1.1),
    why: "A sweep reads the names of all live runs.",
  },
  {
    what: "requests to Arga of 36 short runs, over a 2.5 s poller's",
    was: "2.4 (316 and 132)",
    mark: "≤ 1",
    of: over("short", ["ours requests", "afternoon requests"]),
    unit: "×",
    holds: atMost(1),
    why: "Until three runs were seen, nothing is known of how long they take, and the first are looked at every 1.5 s; every twin is looked at once more in its first minute after it's ready, where the poller has stopped.",
  },
  {
    what: "how late their people learn that they are ready, p50, over the poller's",
    was: "",
    mark: "≤ 0.5",
    of: over("short", ["ours lag", "afternoon lag"]),
    unit: "×",
    holds: atMost(0.5),
    why: "A look has to come after the change.",
  },
  {
    what: "press → Arga, p99",
    was: "30 s",
    mark: "≤ 250 ms",
    of: samples("presses", "lags"),
    unit: " ms",
    share: 0.99,
    holds: atMost(250),
    why: "Four presses on one run come 40 ms apart, and Arga is asked one after the other.",
  },
  {
    what: "the same while Arga takes 60 ms for every answer",
    was: "",
    mark: "≤ 250 ms",
    of: samples("presses", "lags60"),
    unit: " ms",
    share: 0.99,
    holds: atMost(250),
    why: "An extend is a look, the extend itself and a look at the end that Arga reports: 180 ms, and the fourth press of a run, 120 ms after the first, also waits for the lock and the reset before it.",
  },
  ...(
    [
      ["storm60", "60 runs in 60 channels", "1.86 (27.9 s of 15 s)"],
      ["storm1000", "1,000 runs in 100 channels", "not proven"],
      ["storm100", "100 runs in one channel", "not proven"],
    ] as const
  ).flatMap(([bench, what, was]): Row[] => [
    {
      what: `${what} end at once: until every thread was told, over the least that Slack's limits allow`,
      was,
      mark: "≤ 1.2",
      of: samples(bench, "overLeast"),
      unit: "×",
      holds: atMost(1.2),
      why: "Until the list of runs shows the ends it takes up to four seconds for runs that have gone on for an hour, and between two posts of a channel there are 1.2 s, for Slack counts when they arrive: 1.2 × the least by itself.",
    },
    {
      what: `the same: 429s provoked, and ends not told`,
      was: bench === "storm60" ? "0" : "not proven",
      mark: "0",
      of: (found) => [...(found[bench]?.refused ?? []), ...(found[bench]?.missing ?? [])],
      share: 1,
      holds: atMost(0),
      why: "",
    },
  ]),
  {
    what: "start → `/readyz` with 10,000 live runs in Redis",
    was: "0.73 s, without runs",
    mark: "≤ 1.5 s",
    of: (found) => (found.idle10000?.start ?? []).map((ms) => ms / 1_000),
    unit: " s",
    holds: atMost(1.5),
    why: "Most of it is Node reading modules.",
  },
];

function tenfold(found: Found, name: string): number[] {
  const [ten] = found.idle10000?.[name] ?? [];
  const [one] = found.idle1000?.[name] ?? [];
  return ten === undefined || one === undefined ? [] : [ten / one];
}

export const judged = (found: Found): Judged[] =>
  ROWS.map(({ of, holds, share, unit = "", ...row }) => {
    const values = of(found);
    const why = typeof row.why === "string" ? row.why : row.why(found);
    if (values.length === 0 || values.some(Number.isNaN))
      return { ...row, why, measured: "?", verdict: "not measured" };
    const value = share === undefined ? median(values) : quantile(values, share);
    const measured = `${share === undefined ? spread(values) : shown(value)}${unit}`;
    return { ...row, why, measured, verdict: holds(value) ? "yes" : "**no**" };
  });

/** What was measured now over what was written last. */
export function quickLines(now: Found, before: Found): string[] {
  const line = (what: string, [a, b]: [number[], number[]]): string =>
    b.length === 0
      ? `${what}: ${spread(a)}; nothing was written before`
      : `${what}: ${spread(a)}, was ${spread(b)}: × ${shown(median(a) / median(b))}`;
  const acks = ([1, 20, 200] as const).flatMap((n) => [
    [
      `requests/s over Bolt + one BullMQ add, ${n} at once`,
      ratio(`web ${n} perSecond`, `bullmq ${n} perSecond`),
    ] as const,
    [`p50 over Bolt + one BullMQ add, ${n} at once`, ratio(`web ${n} p50`, `bullmq ${n} p50`)] as const,
  ]);
  const idle = (["cpuPerRunMinute", "commandsPerRunMinute", "requestsPerRunMinute"] as const).map(
    (name) => [`idle, ${name}`, samples("idle1000", name)] as const,
  );
  return [...acks, ...idle].map(([what, of]) => line(what, [of(now), of(before)]));
}
