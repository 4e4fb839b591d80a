import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { payloadOf } from "../test/support/life.ts";
import { emit, say } from "./emit.ts";
import { envOf, ready, type Served, serve } from "./processes.ts";
import { type Place, seedRuns } from "./seed.ts";
import { postCards, startTown } from "./town.ts";

/**
 * Test runs that are all over at the same moment: how long until every thread was told, beside what Slack's limits allow at
 * the least: `… RUNS CHANNELS`. `npm run build` first. See README.md here.
 */

const [RUNS = 60, CHANNELS = 60] = process.argv.slice(2).map(Number);
/** A workspace takes so many posts a second without a word, and a channel one. */
const POSTS_A_SECOND = 4;
const LEAST_S = Math.max(RUNS / POSTS_A_SECOND, RUNS / CHANNELS);
const GIVEN_UP_MS = (LEAST_S * 1.6 + 30) * 1_000;

const { slack, arga, redis, clock, names } = await startTown(CHANNELS);
const records = new Redis(redis.path);
let bot: Served | undefined;

const told = (places: readonly Place[]): number =>
  places.filter(({ channel, ts }) =>
    slack.messages(channel, { thread: ts }).some((message) => payloadOf(message)?.key === "ended"),
  ).length;

try {
  const places = await postCards(slack, names, RUNS, clock);
  await seedRuns({ arga, redis: records, team: slack.teamId, kind: "test", places });
  bot = await serve(["dist/app.js"], envOf({ slack, arga, redis }));
  await ready(bot.url);
  // The first sweep has found them all, and the list is being watched.
  await arga.until(
    ({ requests }) => requests.filter(({ route }) => route === "GET /test-runs").length > 2,
    60_000,
  );
  const before = slack.log.length;
  const begun = Date.now();
  for (const { id, status } of arga.testRuns.values())
    if (status === "queued" || status === "running") arga.control.tests.finish(id);
  while (told(places) < RUNS && Date.now() < begun + GIVEN_UP_MS) await sleep(250);
  const seconds = (Date.now() - begun) / 1_000;
  const after = slack.log.slice(before);
  const tooFast = after.filter(({ status, error }) => status === 429 || error === "ratelimited");
  const refused = tooFast.length;
  if (refused > 0) say(`refused: ${[...new Set(tooFast.map(({ method }) => method))]}`);
  const posts = after.filter(({ method, ok }) => method === "chat.postMessage" && ok).length;
  say(
    `${RUNS} ends in ${CHANNELS} channels: ${told(places)} told in ${seconds.toFixed(1)} s, at least ${LEAST_S} s; ${posts} posts, ${refused} refused`,
  );
  emit({
    seconds: [seconds],
    overLeast: [seconds / LEAST_S],
    refused: [refused],
    missing: [RUNS - told(places)],
    posts: [posts],
  });
} finally {
  await bot?.stop();
  records.disconnect();
  await Promise.all([slack.close(), arga.close(), redis.stop()]);
}
