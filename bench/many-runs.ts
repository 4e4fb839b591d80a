import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startArga } from "../sim/arga/server.ts";
import { startSlack } from "../sim/slack/server.ts";
import { RunQueues } from "../src/jobs/queues.ts";
import { emit, say } from "./emit.ts";
import { cpuOf, envOf, memoryOf, ready, redisOnPort, type Served, serve } from "./processes.ts";
import { seedRuns } from "./seed.ts";

/**
 * What idle live twins cost one process, and how long a process takes to start with them in Redis: `… RUNS SECONDS STARTS`.
 * `npm run build` first. See README.md here.
 */

const [RUNS = 1_000, SECONDS = 45, STARTS = 0] = process.argv.slice(2).map(Number);
/** Nobody looks at an idle twin more often: the looks that a bot would have planned are spread over this time. */
const LOOK_EVERY_MS = 5 * 60_000;
/** The first sweep is over by then. */
const SETTLING_MS = 12_000;
const MINUTE = 60_000;

const [slack, arga, redis] = await Promise.all([
  startSlack({ rateLimits: false }),
  startArga({ speed: 1, provisionSeconds: 28_800, plan: "team" }),
  redisOnPort(),
]);
const records = new Redis(redis.path);
const env = envOf({ slack, arga, redis });
let bot: Served | undefined;

async function start(): Promise<number> {
  const begun = performance.now();
  bot = await serve(["dist/app.js"], env);
  await ready(bot.url);
  return performance.now() - begun;
}

/** Redis's own count, with what scripts do inside. */
async function commands(): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await records.info("stats"))?.[1]);
}

try {
  const { id: channel } = slack.channel("dev");
  const places = Array.from({ length: RUNS }, (_, n) => ({
    channel,
    ts: `1700000000.${String(n).padStart(6, "0")}`,
  }));
  const runs = await seedRuns({ arga, redis: records, team: slack.teamId, kind: "twin", places });
  const queues = new RunQueues(records, "arga");
  const now = Date.now();
  await Promise.all(
    runs.map((run, n) => queues.enqueueAt("arga", run, now + SETTLING_MS + ((n + 1) / RUNS) * LOOK_EVERY_MS)),
  );
  await queues.close();
  say(`${RUNS} live runs are in Redis`);
  const samples: Record<string, number[]> = { start: [await start()] };
  if (!bot) throw new Error("there is no bot");
  await sleep(SETTLING_MS);
  const before = {
    cpu: cpuOf(bot.child),
    commands: await commands(),
    requests: arga.requests.length,
    at: Date.now(),
  };
  const memory: number[] = [];
  while (Date.now() < before.at + SECONDS * 1_000) {
    await sleep(1_000);
    memory.push(memoryOf(bot.child));
  }
  const ms = Date.now() - before.at;
  const runMinutes = (RUNS * ms) / MINUTE;
  const cpu = cpuOf(bot.child) - before.cpu;
  samples.cpuPerRunMinute = [cpu / runMinutes];
  samples.cores = [cpu / ms];
  samples.commandsPerRunMinute = [((await commands()) - before.commands) / runMinutes];
  samples.requestsPerRunMinute = [(arga.requests.length - before.requests) / runMinutes];
  samples.memory = [Math.max(...memory)];
  samples.edits = [slack.log.filter((entry) => "method" in entry && entry.method === "chat.update").length];
  say(JSON.stringify(samples));
  for (let n = 0; n < STARTS; n++) {
    await bot.stop();
    samples.start?.push(await start());
    say(`started with ${RUNS} live runs in ${samples.start?.at(-1)?.toFixed(0)} ms`);
  }
  emit(samples);
} finally {
  await bot?.stop();
  records.disconnect();
  await Promise.all([slack.close(), arga.close(), redis.stop()]);
}
