import { setTimeout as sleep } from "node:timers/promises";
import { type Arga, startArga } from "../sim/arga/server.ts";
import { type Slack, startSlack } from "../sim/slack/server.ts";
import { payloadOf, textOf } from "../test/support/life.ts";
import { emit, say } from "./emit.ts";
import { quantile } from "./numbers.ts";
import { envOf, ready, redisOnPort, type Served, serve } from "./processes.ts";

/**
 * What it costs to learn that short runs are ready, and how late one is: this bot beside the bot of an afternoon, with twins
 * that take as long, at the same time. `npm run build` first. See README.md here.
 */

const RUNS = Number(process.argv[2] ?? 36);
const APART_MS = 1_800;
/** How long Arga takes: nobody knows before, and all of this is as likely. */
const TAKES_MS = { from: 5_500, to: 7_500 };
const GIVEN_UP_MS = 40_000;

interface Side {
  name: string;
  slack: Slack;
  arga: Arga;
  url: string;
  stop: () => Promise<void>;
  /** When Arga had a run ready. */
  had: number[];
  /** Whether a message of the bot shows a run that's ready. */
  shows: (message: Parameters<typeof textOf>[0]) => boolean;
}

const names = Array.from({ length: RUNS }, (_, n) => `c${n}`);
const takes = names.map(() => TAKES_MS.from + Math.random() * (TAKES_MS.to - TAKES_MS.from));

async function startSide(name: string): Promise<Side> {
  const [slack, arga, redis] = await Promise.all([
    startSlack({ users: ["alice"], channels: names.map((each) => ({ name: each, members: ["alice"] })) }),
    startArga({ speed: 1, provisionSeconds: 28_800, plan: "team" }),
    redisOnPort(),
  ]);
  const isOurs = name === "ours";
  const served: Served = await serve(
    isOurs ? ["dist/app.js"] : ["--import", "tsx", "bench/peers/afternoon.ts"],
    envOf({ slack, arga, redis }),
  );
  if (isOurs) await ready(served.url);
  slack.requestUrl(`${served.url}/slack/events`);
  const shows = (message: Parameters<typeof textOf>[0]): boolean =>
    isOurs
      ? payloadOf(message)?.role === "card" && textOf(message).includes('"run.credentials"')
      : message.text.endsWith("is ready");
  const stop = async (): Promise<void> => {
    await served.stop();
    await Promise.all([slack.close(), arga.close(), redis.stop()]);
  };
  return { name, slack, arga, url: served.url, stop, had: [], shows };
}

/** One run in a channel of its own; resolves with how late its people learnt that it was ready, in ms. */
async function run({ slack, arga, shows }: Side, n: number): Promise<number> {
  await sleep(n * APART_MS);
  const channel = names[n] ?? "";
  const before = new Set(arga.runs.keys());
  await slack.command("alice", channel, "/arga", "twins stripe 60");
  const id = await arga.until(({ runs }) =>
    [...runs.keys()].find((each) => !before.has(each) && !taken.has(each)),
  );
  taken.add(id);
  await sleep(takes[n]);
  arga.control.ready(id);
  const had = Date.now();
  while (!slack.messages(channel).some(shows)) {
    if (Date.now() > had + GIVEN_UP_MS) throw new Error(`${channel} never showed that its run is ready`);
    await sleep(10);
  }
  return Date.now() - had;
}

const taken = new Set<string>();
const sides = [await startSide("ours"), await startSide("afternoon")];
try {
  const samples: Record<string, number[]> = {};
  await Promise.all(
    sides.map(async (side) => {
      const before = side.arga.requests.length;
      const lags = await Promise.all(names.map((_, n) => run(side, n)));
      const requests = side.arga.requests.length - before;
      samples[`${side.name} lag`] = lags;
      samples[`${side.name} requests`] = [requests];
      say(
        `${side.name}: ${requests} requests for ${RUNS} runs, lag p50 ${quantile(lags, 0.5)} ms, p95 ${quantile(lags, 0.95)} ms`,
      );
    }),
  );
  emit(samples);
} finally {
  for (const { stop } of sides) await stop();
}
