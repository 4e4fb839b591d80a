import { Redis } from "ioredis";
import { startArga } from "../sim/arga/server.ts";
import { startRedis } from "../sim/demo/parts.ts";
import { startSlack } from "../sim/slack/server.ts";
import { startBot } from "../test/support/bot.ts";

/**
 * Many runs at once on one process: as many validations, each followed by its stream, as test runs, watched together
 * by their list. How late each end is in the bot's record, what it costs in requests and memory, and whether every end
 * is told. See README.md here; needs `npm run build` before.
 */

const EACH = Number(process.argv[2] ?? 500);
/** A channel takes a message a second: as many channels as make the telling bearable. */
const CHANNELS = 50;
/** Cards go out at four a second, and nothing is created before: long enough for all to be under way at once. */
const RUN_SECONDS = Number(process.argv[3] ?? 480);
const TELL_MS = 20 * 60_000;

/** One person may have so many going on and no more (`src/store/runs.ts`). */
const people = Array.from({ length: Math.ceil((EACH * 2) / 400) }, (_, n) => `p${n}`);
const names = Array.from({ length: CHANNELS }, (_, n) => `c${n}`);
const [arga, slack, redis] = await Promise.all([
  startArga({ speed: 1, runSeconds: RUN_SECONDS, plan: "team" }),
  startSlack({ users: people, channels: names.map((name) => ({ name, members: people })) }),
  startRedis(),
]);
const bot = await startBot({
  SLACK_BOT_TOKEN: slack.botToken,
  SLACK_API_URL: slack.apiUrl,
  SLACK_SIGNING_SECRET: slack.signingSecret,
  ARGA_API_KEY: arga.key,
  ARGA_API_URL: arga.url,
  REDIS_URL: redis.url,
  LOG_LEVEL: "info",
});
await bot.ready();
slack.requestUrl(`${bot.url}/slack/events`);
const store = new Redis(redis.url);
const begun = Date.now();
const before = await figures();

for (let n = 0; n < EACH * 2; n++) await typed(n);
console.log(`${EACH * 2} commands taken in ${seconds(Date.now() - begun)}`);

let peak = { rss: 0, live: 0 };
const ended = new Map<string, number>();
await until(async () => {
  const { rss } = await figures();
  peak = { rss: Math.max(peak.rss, rss), live: Math.max(peak.live, await store.zcard("arga:live")) };
  noteEnds();
  return (
    [...arga.testRuns.values(), ...arga.validations.values()].length >= EACH * 2 && ended.size >= EACH * 2
  );
}, TELL_MS);
console.log(`all ended at Arga after ${seconds(Date.now() - begun)}`);

await until(async () => (await endsTold()) >= EACH * 2, TELL_MS);
const took = Date.now() - begun;
const after = await figures();
await report();
await bot.stop();
store.disconnect();
await Promise.all([slack.close(), arga.close(), redis.stop()]);

async function typed(n: number): Promise<void> {
  const channel = names[n % CHANNELS] ?? "c0";
  const steps = `open page ${n}, add a mug, check out`;
  const words =
    n % 2 === 0
      ? `validate https://shop.example.com/${n} "${steps}"`
      : `test https://shop.example.com/${n} "${steps}"`;
  const delivery = await slack.command(people[n % people.length] ?? "p0", channel, "/arga", words);
  if (!delivery.delivered || delivery.failure)
    throw new Error(`command ${n} was not taken: ${delivery.failure}`);
}

/** The moment at which Arga itself first showed the end, to 20 ms. */
function noteEnds(): void {
  const now = Date.now();
  for (const run of arga.testRuns.values())
    if (!["queued", "running"].includes(run.status) && !ended.has(run.id)) ended.set(run.id, run.updatedAt);
  for (const run of arga.validations.values())
    if (!["queued", "generating_story", "running"].includes(run.status) && !ended.has(run.runId))
      ended.set(run.runId, now);
}

async function until(isSo: () => Promise<boolean>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end || bot.hasExited()) throw new Error(`not in time:\n${bot.output().slice(-3_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function endsTold(): Promise<number> {
  let told = 0;
  for (const channel of names)
    for (const card of slack.messages(channel))
      told += slack.messages(channel, { thread: card.ts }).filter(isEnd).length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  return told;
}

function isEnd(message: { metadata?: { event_payload?: Record<string, unknown> } | undefined }): boolean {
  return message.metadata?.event_payload?.key === "ended";
}

interface Figures {
  rss: number;
  cpu: number;
  lists: number;
  streams: number;
  gets: number;
}

async function figures(): Promise<Figures> {
  const text = await (await fetch(`${bot.url}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  const count = (route: string): number => arga.requests.filter((request) => request.route === route).length;
  return {
    rss: value("process_resident_memory_bytes") / 1024 / 1024,
    cpu: value("process_cpu_seconds_total"),
    lists: count("GET /test-runs"),
    streams: count("GET /validate/{run_id}/results"),
    gets: count("GET /runs/{run_id}") + count("GET /test-runs/{run_id}"),
  };
}

async function lagsOf(kind: string): Promise<number[]> {
  const lags: number[] = [];
  for (const key of await store.keys("arga:run:*")) {
    const run = JSON.parse((await store.hget(key, "json")) ?? "{}") as {
      kind: string;
      arga?: { id: string };
      phase: { name: string; at: number };
    };
    const at = ended.get(run.arga?.id ?? "");
    if (run.kind === kind && run.phase.name === "ended" && at !== undefined)
      lags.push(Math.max(0, run.phase.at - at));
  }
  return lags.sort((a, b) => a - b);
}

async function report(): Promise<void> {
  const rows = [];
  for (const kind of ["url", "test"]) {
    const lags = await lagsOf(kind);
    const at = (share: number): number =>
      Math.round(lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? 0);
    rows.push({
      kind,
      runs: lags.length,
      "lag p50 ms": at(0.5),
      "lag p95 ms": at(0.95),
      "lag max ms": lags.at(-1),
    });
  }
  console.table(rows);
  console.table({
    "requests for the list": after.lists - before.lists,
    "streams opened": after.streams - before.streams,
    "looks at single runs": after.gets - before.gets,
    "memory before, MB": Math.round(before.rss),
    "memory at most, MB": Math.round(peak.rss),
    "live at once": peak.live,
    "CPU s": Math.round(after.cpu - before.cpu),
    "ends told": await endsTold(),
    "wall clock s": Math.round(took / 1000),
  });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
