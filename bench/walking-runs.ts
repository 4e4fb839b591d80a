import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { emit, say } from "./emit.ts";
import { cpuOf, envOf, memoryOf, ready, type Served, serve } from "./processes.ts";
import { seedRuns } from "./seed.ts";
import { postCards, startTown } from "./town.ts";

/**
 * What validations and tests cost one process while they go from step to step, half of them each: `… RUNS SECONDS`.
 * Validations are followed by their streams, tests by their list. `npm run build` first. See README.md here.
 */

const [RUNS = 1_000, SECONDS = 60] = process.argv.slice(2).map(Number);
/** A run comes to its next step this often, on average. */
const STEP_EVERY_MS = 30_000;
/** Every stream is open by then. */
const SETTLING_MS = 15_000;
const KINDS = ["test", "url"] as const;

const { slack, arga, redis, clock, names } = await startTown(100);
const records = new Redis(redis.path);
let bot: Served | undefined;

/** One of them after the other, and none to its end. */
async function walk(until: number): Promise<number> {
  const { tests, validations } = arga.control;
  const steps = [
    ...[...arga.testRuns.keys()].map((id) => () => tests.step(id)),
    ...[...arga.validations.keys()].map((id) => () => validations.step(id)),
  ];
  let n = 0;
  while (Date.now() < until) {
    steps[(n * 617) % steps.length]?.();
    n += 1;
    await sleep(STEP_EVERY_MS / RUNS);
  }
  return n;
}

try {
  for (const kind of KINDS) {
    const places = await postCards(slack, names, RUNS / KINDS.length, clock);
    await seedRuns({ arga, redis: records, team: slack.teamId, kind, places });
  }
  say(`${RUNS} live runs are in Redis`);
  bot = await serve(["dist/app.js"], envOf({ slack, arga, redis }));
  await ready(bot.url);
  await sleep(SETTLING_MS);
  const before = { cpu: cpuOf(bot.child), requests: arga.requests.length, at: Date.now() };
  const steps = await walk(before.at + SECONDS * 1_000);
  const ms = Date.now() - before.at;
  const cores = (cpuOf(bot.child) - before.cpu) / ms;
  const requests = arga.requests.length - before.requests;
  const samples = {
    cores: [cores],
    memory: [memoryOf(bot.child)],
    requestsPerRunMinute: [requests / ((RUNS * ms) / 60_000)],
    steps: [steps],
  };
  say(JSON.stringify(samples));
  emit(samples);
} finally {
  await bot?.stop();
  records.disconnect();
  await Promise.all([slack.close(), arga.close(), redis.stop()]);
}
