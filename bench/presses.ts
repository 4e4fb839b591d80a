import { setTimeout as sleep } from "node:timers/promises";
import { cardsOf, isTaken, payloadOf } from "../test/support/life.ts";
import { startWorld } from "../test/support/world.ts";
import { emit, say } from "./emit.ts";
import { quantile } from "./numbers.ts";

/**
 * How long a press takes to reach Arga when several come in close succession: extend, lock, reset and tear down of each
 * of several runs, 40 ms apart, by turns while Arga answers at once and while it takes its time. `npm run build` first. See
 * README.md here.
 */

const ROUNDS = Number(process.argv[2] ?? 10);
/** One run of each at once, so that each is known at Arga; in a channel each, or they'd wait for one another's posts. */
const TWINS = ["stripe", "slack", "github", "discord", "linear"];
const APART_MS = 40;
/** Arga's answers take so long, in ms: one after the other in every round. */
const ANSWERS_AFTER_MS = [0, 60] as const;
/** Later than this is not waited for: the sweep would have helped. */
const GIVEN_UP_MS = 20_000;
const PRESSES = [
  ["extend", "120"],
  ["lock", undefined],
  ["reset", undefined],
  ["teardown", undefined],
] as const;

const world = await startWorld({
  arga: { speed: 1, provisionSeconds: 0.1, cleanupSeconds: 0.1 },
  slack: { channels: TWINS.map((name) => ({ name, members: ["alice"] })) },
});
const { slack, arga } = world;
/** By how long Arga's answers took; in ms. */
const lags: Record<number, number[]> = {};
let lost = 0;
try {
  for (let round = 1; round <= ROUNDS; round++)
    for (const delayMs of ANSWERS_AFTER_MS) {
      arga.clearFaults();
      const runs = await Promise.all(TWINS.map(startRun));
      arga.fault({ delayMs });
      lags[delayMs] = [...(lags[delayMs] ?? []), ...(await Promise.all(runs.map(pressAll))).flat()];
      say(`round ${round} of ${ROUNDS}, while Arga answers after ${delayMs} ms`);
    }
} finally {
  await world.stop();
}
for (const delayMs of ANSWERS_AFTER_MS) {
  const all = lags[delayMs] ?? [];
  const late = all.filter((ms) => ms > 1_500).length;
  const at = (share: number): string => quantile(all, share).toFixed(0);
  say(
    `${all.length} presses while Arga answers after ${delayMs} ms: asked p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${at(1)} ms after it; over 1.5 s: ${late}`,
  );
}
say(`Not within ${GIVEN_UP_MS / 1_000} s: ${lost}`);
emit({ lags: lags[0] ?? [], lags60: lags[60] ?? [] });

interface Run {
  /** Also the name of its channel. */
  twin: string;
  id: string;
  argaId: string;
}

/** A twin that its thread calls ready (its card may follow late: it takes its turn with all edits), under its two names. */
async function startRun(twin: string): Promise<Run> {
  const before = cardsOf(world, twin).length;
  await slack.command("alice", twin, "/arga", `twins ${twin} 60`);
  const card = await slack.until(() => cardsOf(world, twin)[before], 60_000);
  const said = () => slack.messages(twin, { thread: card.ts });
  await slack.until(() => said().some((message) => payloadOf(message)?.key === "ready"), 60_000);
  const id = String(payloadOf(card)?.run_id);
  const [argaId = ""] = [...arga.runs].filter(([, { twins }]) => twins[0] === twin).at(-1) ?? [];
  return { twin, id, argaId };
}

/** Asks for all four, as the buttons and the menu do; how long each took until Arga was asked, in ms. */
async function pressAll({ twin, id, argaId }: Run): Promise<number[]> {
  const pressed: { action: string; at: number }[] = [];
  await Promise.all(
    PRESSES.map(async ([action, value], n) => {
      await sleep(n * APART_MS);
      pressed.push({ action, at: Date.now() });
      const line = `${action} ${id} ${value ?? ""}`;
      if (!isTaken(await slack.command("alice", twin, "/arga", line)))
        throw new Error(`${line} was not taken`);
    }),
  );
  const taken: number[] = [];
  for (const { action, at: since } of pressed) {
    const asked = () => arga.requests.find(({ path }) => path.endsWith(`/${argaId}/${action}`));
    await arga.until(() => asked() ?? Date.now() - since > GIVEN_UP_MS, GIVEN_UP_MS * 2);
    const request = asked();
    if (!request) lost++;
    taken.push(request ? request.at - since : GIVEN_UP_MS);
  }
  return taken;
}
