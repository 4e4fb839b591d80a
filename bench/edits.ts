import { setTimeout as sleep } from "node:timers/promises";
import { payloadOf, textOf } from "../test/support/life.ts";
import { startWorld } from "../test/support/world.ts";
import { emit, say } from "./emit.ts";

/**
 * How late cards show what people wait for while a workspace is busy: forty twins that are asked for within six seconds,
 * then fifteen short tests a minute. `npm run build` first: `… MINUTES` of tests. See README.md here.
 */

const MINUTES = Number(process.argv[2] ?? 2);
const TWINS = 40;
/** Until the minute's edits of the twins are used up no longer. */
const PAUSE_MS = 45_000;
const TEST_EVERY_MS = 4_000;
const GIVEN_UP_MS = 100_000;

const names = Array.from({ length: TWINS }, (_, n) => `c${n}`);
const world = await startWorld({
  arga: { speed: 1, provisionSeconds: 15, runSeconds: 20, plan: "team" },
  slack: { users: ["alice"], channels: names.map((name) => ({ name, members: ["alice"] })) },
  env: { LOG_LEVEL: "info" },
});
const { slack, arga } = world;

/** When Arga had it and when the card showed it, of each. */
interface Moments {
  had: Map<string, number>;
  showed: Map<string, number>;
}

const cardsShowing = (text: string) =>
  names
    .flatMap((name) => slack.messages(name))
    .filter((message) => payloadOf(message)?.role === "card" && textOf(message).includes(text));

function watch(ids: () => string[], shows: string): { moments: Moments; stop: () => void } {
  const moments: Moments = { had: new Map(), showed: new Map() };
  const timer = setInterval(() => {
    for (const id of ids()) if (!moments.had.has(id)) moments.had.set(id, Date.now());
    for (const { ts } of cardsShowing(shows)) if (!moments.showed.has(ts)) moments.showed.set(ts, Date.now());
  }, 25);
  return { moments, stop: () => clearInterval(timer) };
}

async function seen(moments: Moments, count: number): Promise<void> {
  const until = Date.now() + GIVEN_UP_MS;
  while (moments.showed.size < count && Date.now() < until) await sleep(50);
}

/** Ends of equal runs come in the order in which they were asked for, and so do cards. */
function report(what: string, { had, showed }: Moments, count: number): number[] {
  const shown = [...showed.values()].sort((a, b) => a - b);
  const lags = [...had.values()].sort((a, b) => a - b).map((at, n) => (shown[n] ?? Date.now()) - at);
  lags.sort((a, b) => a - b);
  const at = (share: number): string => ((lags[Math.ceil(lags.length * share) - 1] ?? 0) / 1_000).toFixed(2);
  say(`${what}: p50 ${at(0.5)} s, p95 ${at(0.95)} s, most ${at(1)} s; ${showed.size} of ${count} shown`);
  return lags.slice(0, count).map((ms) => ms / 1_000);
}

try {
  const twins = watch(
    () => [...arga.runs].filter(([, { status }]) => status === "ready").map(([id]) => id),
    '"run.credentials"',
  );
  for (const name of names) {
    await slack.command("alice", name, "/arga", "twins stripe 60");
    await sleep(6_000 / TWINS);
  }
  await seen(twins.moments, TWINS);
  twins.stop();
  const ready = report("ready of forty twins", twins.moments, TWINS);
  await sleep(PAUSE_MS);
  const tests = watch(
    () =>
      [...arga.testRuns.values()]
        .filter(({ status }) => !["queued", "running"].includes(status))
        .map(({ id }) => id),
    '"run.rerun"',
  );
  const count = Math.round((MINUTES * 60_000) / TEST_EVERY_MS);
  for (let n = 0; n < count; n++) {
    const words = `test https://shop.example.com/${n} "open page ${n}, add a mug, check out, pay, log out"`;
    await slack.command("alice", names[n % names.length] ?? "c0", "/arga", words);
    await sleep(TEST_EVERY_MS);
  }
  await seen(tests.moments, count);
  tests.stop();
  emit({ ready, ends: report("ends of fifteen tests a minute", tests.moments, count) });
} finally {
  await world.stop();
}
