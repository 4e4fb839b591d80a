import { createHmac } from "node:crypto";
import { Pool } from "undici";
import { median } from "./numbers.ts";
import { cpuOf, envOf, ready, redisOnPort, type Served, serve, startSurroundings } from "./processes.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * How fast `/arga twins stripe 60` is acknowledged, side by side with others that acknowledge: each takes its turn in every
 * round, so that whatever else the machine does happens to all of them.
 */

export const CONCURRENCIES = [1, 20, 200] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

export type Contender = "web" | "bullmq" | "once" | "bolt" | "http" | "all" | "beside" | "afternoon";

/** What each is, and, of a peer, its file in `bench/peers`. */
export const CONTENDERS: Readonly<Record<Contender, { title: string; peer?: string }>> = {
  web: { title: "arga-slack, ROLE=web" },
  bullmq: { title: "Bolt + one BullMQ add", peer: "bullmq" },
  once: { title: "the same, and nothing that comes twice", peer: "once" },
  bolt: { title: "bare Bolt", peer: "bolt" },
  http: { title: "bare node:http with the signature check", peer: "http" },
  all: { title: "arga-slack, ROLE=all, its workers working" },
  beside: { title: "Bolt + one BullMQ add, beside those workers", peer: "bullmq" },
  afternoon: { title: "the bot of an afternoon", peer: "afternoon" },
};

/**
 * Those that run at the same time, in the order in which they take their turns. What goes on working when its turn is over
 * would count for the others.
 */
const FIELDS: readonly Turns[] = [
  { names: ["web", "bullmq", "once", "bolt", "http"], warmRequests: 3_000 },
  { names: ["all", "beside"], warmRequests: 1_000 },
  { names: ["afternoon"], warmRequests: 1_000 },
];

interface Turns {
  names: readonly Contender[];
  /** Of each, before its first turn; where they begin work, more would leave nothing for the turns. */
  warmRequests: number;
}

/** What one contender did in one turn. */
export interface AckFigures {
  perSecond: number;
  /** ms. */
  p50: number;
  p99: number;
  /** ms of processor time for a request, of the contender alone. */
  cpu: number;
}

/** By contender and concurrency, one entry for each round. */
export type AckRounds = Record<Contender, Record<Concurrency, AckFigures[]>>;

export interface AckOptions {
  rounds: number;
  /** Of one turn. */
  seconds: number;
  /** On a slow machine there are fewer rounds: none begins after that. */
  mostSeconds: number;
  contenders?: readonly Contender[];
  say: (line: string) => void;
}

export async function measureAcks({
  contenders = Object.keys(CONTENDERS) as Contender[],
  ...options
}: AckOptions): Promise<Partial<AckRounds>> {
  const found: Partial<AckRounds> = {};
  for (const { names, warmRequests } of FIELDS) {
    const taking = names.filter((name) => contenders.includes(name));
    const mostSeconds = (options.mostSeconds * taking.length) / contenders.length;
    if (taking.length > 0)
      await measureField(found, { names: taking, warmRequests }, { ...options, mostSeconds });
  }
  return found;
}

async function measureField(
  found: Partial<AckRounds>,
  { names, warmRequests }: Turns,
  { rounds, seconds, mostSeconds, say }: AckOptions,
): Promise<void> {
  const field = await startField(names);
  try {
    for (const [name, each] of field.contenders) {
      await warm(field.slack, each, warmRequests);
      say(`acknowledgements: ${name} is warm`);
    }
    // One at once first, for all rounds: what many at once leave to workers would count for it.
    for (const concurrency of CONCURRENCIES) {
      const until = performance.now() + (mostSeconds * 1_000) / CONCURRENCIES.length;
      for (let round = 0; round < rounds && (round === 0 || performance.now() < until); round++)
        for (const [name, each] of field.contenders) {
          const figures = await load(field.slack, each, concurrency, seconds);
          found[name] ??= { 1: [], 20: [], 200: [] };
          found[name][concurrency].push(figures);
          say(
            `acknowledgements, round ${round + 1}, ${concurrency} at once: ${name} ${figures.perSecond.toFixed(0)}/s`,
          );
        }
    }
  } finally {
    await field.stop();
  }
}

/** `figure` of one over that of another, in the same round. */
function ratios(
  found: Partial<AckRounds>,
  [one, other]: [Contender, Contender],
  concurrency: Concurrency,
  figure: keyof AckFigures,
): number[] {
  const others = found[other]?.[concurrency] ?? [];
  return (found[one]?.[concurrency] ?? []).map(
    (each, n) => each[figure] / (others[n]?.[figure] ?? Number.NaN),
  );
}

/** For reading while something is being changed. */
export function ackLines(found: Partial<AckRounds>): string[] {
  return (Object.keys(found) as Contender[]).flatMap((name) =>
    CONCURRENCIES.map((concurrency) => {
      const all = found[name]?.[concurrency] ?? [];
      const of = (figure: keyof AckFigures): string => median(all.map((each) => each[figure])).toFixed(2);
      const times = (figure: keyof AckFigures): string =>
        median(ratios(found, [name, name === "all" ? "beside" : "bullmq"], concurrency, figure)).toFixed(2);
      return `${name} ${concurrency}: ${of("perSecond")}/s ×${times("perSecond")}, p50 ${of("p50")} ms ×${times("p50")}, CPU ${of("cpu")} ms ×${times("cpu")}`;
    }),
  );
}

/** A process that answers commands, with a Redis of its own. */
export interface Entered extends Served {
  pool: Pool;
}

type Slack = Surroundings["slack"];

interface Field {
  slack: Slack;
  contenders: [Contender, Entered][];
  stop(): Promise<void>;
}

/** All of them side by side, each with a Redis of its own where it uses one. */
async function startField(names: readonly Contender[]): Promise<Field> {
  const around = await startSurroundings();
  const stops: (() => Promise<void>)[] = [around.stop];
  const start = async (name: Contender): Promise<Entered> => {
    const { peer } = CONTENDERS[name];
    const entered = peer
      ? await enter(around, ["--import", "tsx", `bench/peers/${peer}.ts`])
      : await enter(around, ["dist/app.js"], name);
    stops.unshift(entered.stop);
    return entered;
  };
  const stop = async (): Promise<void> => {
    for (const each of stops) await each();
  };
  try {
    const contenders: [Contender, Entered][] = [];
    for (const name of names) contenders.push([name, await start(name)]);
    return { slack: around.slack, contenders, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts Node with these arguments; a bot in this role, which is waited for until it is ready. */
export async function enter(around: Surroundings, args: string[], role?: string): Promise<Entered> {
  const redis = await redisOnPort();
  try {
    const env = envOf({ ...around, redis });
    const served = await serve(args, role === undefined ? env : { ...env, ROLE: role });
    if (role !== undefined) await ready(served.url);
    const pool = new Pool(served.url, { connections: 256, pipelining: 1 });
    const stop = async (): Promise<void> => {
      await pool.destroy();
      await served.stop();
      await redis.stop();
    };
    return { ...served, pool, stop };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

/** Until what is called often is compiled: a figure of the first seconds is none of the rest of the day. */
export async function warm(slack: Slack, contender: Entered, requests: number): Promise<void> {
  let left = requests;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await ask(slack, contender);
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

export async function load(
  slack: Slack,
  contender: Entered,
  concurrency: number,
  seconds: number,
): Promise<AckFigures> {
  const cpu = cpuOf(contender.child);
  const begun = performance.now();
  const times: number[] = [];
  const lane = async (): Promise<void> => {
    while (performance.now() < begun + seconds * 1_000) times.push(await ask(slack, contender));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const took = (performance.now() - begun) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return {
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
    cpu: (cpuOf(contender.child) - cpu) / times.length,
  };
}

let sent = 0;

/** As Slack sends it, signed; resolves with the ms until it was answered. */
async function ask(slack: Slack, { pool }: Entered): Promise<number> {
  const n = sent++;
  const body = new URLSearchParams({
    command: "/arga",
    text: "twins stripe 60",
    team_id: slack.teamId,
    user_id: `U0BENCH${n % 500}`,
    user_name: "bench",
    channel_id: `C0BENCH${n % 100}`,
    channel_name: "bench",
    trigger_id: `${n}.bench`,
    response_url: `${slack.apiUrl}response/${n}`,
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac("sha256", slack.signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  const begun = performance.now();
  const response = await pool.request({
    method: "POST",
    path: "/slack/events",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${mac}`,
    },
  });
  const text = await response.body.text();
  if (response.statusCode !== 200 || text !== "") throw new Error(`${response.statusCode} ${text}`);
  return performance.now() - begun;
}
