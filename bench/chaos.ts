import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { SlackMessage } from "../sim/slack/server.ts";
import { isTaken, payloadOf, textOf } from "../test/support/life.ts";
import { startWorld } from "../test/support/world.ts";

/**
 * The promises of the bot under fire: commands of every kind, while processes are killed, Redis goes away, and Slack and
 * Arga refuse, hang and lose answers. Says what was accepted and what became of it, and writes docs/reliability.md with
 * `--write`. `npm run build` first. The same seed makes the same trouble, at moments that depend on the machine.
 */

const { values } = parseArgs({
  options: {
    commands: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const COMMANDS = Number(values.commands);
/** Milliseconds between two commands, and between two troubles. */
const PACE = { command: 350, trouble: 1_700 };
/** Milliseconds from the last trouble until everything must be as it should. */
const SETTLED_MS = 180_000;
const CHANNELS = Array.from({ length: 8 }, (_, n) => `room${n}`);
const PEOPLE = ["alice", "bob", "carol"];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = randomFrom(Number(values.seed));
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** Each command carries a name by which its card and its run at Arga are known again. */
const KINDS: Record<string, (name: string) => string> = {
  twin: (name) => `twins stripe 1 --prompt ${name}`,
  test: (name) => `test https://shop.example.com ${name} open the shop, check out`,
  url: (name) => `validate https://shop.example.com ${name} open the shop`,
  pr: (name) => `validate acme/shop ${name}`,
  agent: (name) => `agent acme/shop ${name}`,
  sandbox: (name) => `sandbox acme/shop ${name} 1`,
};

interface Asked {
  name: string;
  kind: string;
  channel: string;
  isAccepted: boolean;
  /** At once, such as that Redis is away and nothing was saved. */
  isTold: boolean;
}

const world = await startWorld({
  arga: { speed: 12, provisionSeconds: 6, cleanupSeconds: 3, runSeconds: 20 },
  slack: { channels: CHANNELS.map((name) => ({ name, members: PEOPLE })) },
});
const { slack, arga, redis } = world;
const troubles = new Map<string, number>();
/** How long until the first process after a kill was ready, in ms. */
const restarts: number[] = [];
let isDone = false;

const TROUBLES: Record<string, () => Promise<void> | void> = {
  "process killed": killBot,
  "Redis killed": async () => {
    await redis.kill();
    await sleep(400 + random() * 1_500);
    await redis.start();
  },
  "Slack: 429": () => void slack.fault({ method: /^chat\./, status: 429, retryAfter: 2, times: 3 }),
  "Slack: 500": () => void slack.fault({ method: /^chat\./, status: 500, times: 3 }),
  "Slack: an answer lost": () => void slack.fault({ method: /^chat\./, action: "lose", times: 2 }),
  "Slack: a page with 200": () => void slack.fault({ method: /^chat\./, action: "garble", times: 2 }),
  "Slack: slow": () => void slack.fault({ method: /^chat\./, delayMs: 3_000, times: 3 }),
  "Arga: 429": () => void arga.fault({ status: 429, times: 4 }),
  "Arga: 503": () => void arga.fault({ status: 503, times: 4 }),
  "Arga: a connection reset": () => void arga.fault({ action: "reset", times: 3 }),
  "Arga: an answer lost": () => void arga.fault({ action: "lose", times: 2 }),
  "Arga: slow": () => void arga.fault({ delayMs: 3_000, times: 4 }),
};

async function killBot(): Promise<void> {
  const begun = performance.now();
  await world.bot.kill();
  await world.restart();
  restarts.push(performance.now() - begun);
}

async function makeTrouble(): Promise<void> {
  while (!isDone) {
    await sleep(PACE.trouble * (0.5 + random()));
    const name = pick(Object.keys(TROUBLES));
    troubles.set(name, (troubles.get(name) ?? 0) + 1);
    await TROUBLES[name]?.();
  }
}

async function ask(n: number): Promise<Asked> {
  const kind = pick(Object.keys(KINDS));
  const name = `chaos-${n}-x`;
  const channel = pick(CHANNELS);
  const line = KINDS[kind]?.(name) ?? "";
  const delivery = await slack.command(pick(PEOPLE), channel, "/arga", line).catch(() => undefined);
  const isTold = delivery?.shown !== undefined;
  return { name, kind, channel, isTold, isAccepted: delivery !== undefined && isTaken(delivery) && !isTold };
}

/** What became of one command. */
interface Fate {
  name: string;
  isAccepted: boolean;
  cards: number;
  runs: number;
  /** What its card, or else an answer, says. */
  says: "ended" | "unknown" | "refused" | "goes on" | "nothing";
  ends: number;
  isLost: boolean;
}

const ENDED =
  /: (?:passed|failed|torn down|expired|cancelled|not started|lost contact|can't tell if it started)/;

const all = (): SlackMessage[] => CHANNELS.flatMap((name) => slack.messages(name));

/** How often Arga made something of that name; it forgets its runs some time after they ended. */
const runsOf = (name: string): number =>
  arga.requests.filter(
    ({ method, applied, body }) => method === "POST" && applied && JSON.stringify(body ?? "").includes(name),
  ).length;

function fateOf(
  { name, kind, channel, isAccepted, isTold }: Asked,
  cards: readonly SlackMessage[],
  told: string,
): Fate {
  const mine = cards.filter((card) => JSON.stringify([card.blocks, card.text]).toLowerCase().includes(name));
  const runs = runsOf(name);
  const [card] = mine;
  const says = saysOf(card, isTold || told.includes(name));
  const thread = card ? slack.messages(channel, { thread: card.ts }) : [];
  const ends = thread.filter((message) => payloadOf(message)?.key === "ended").length;
  const isWithoutRun =
    says === "ended" && runs === 0 && !/: (?:not started|cancelled)/.test(card?.text ?? "");
  const isLost = isAccepted && (says === "nothing" || isWithoutRun);
  return { name: `${kind} ${name}`, isAccepted, cards: mine.length, runs, says, ends, isLost };
}

function saysOf(card: SlackMessage | undefined, isTold: boolean): Fate["says"] {
  if (!card) return isTold ? "refused" : "nothing";
  if (textOf(card).includes("can't tell if it started")) return "unknown";
  return ENDED.test(card.text) ? "ended" : "goes on";
}

function fatesOf(asked: readonly Asked[]): Fate[] {
  const cards = all().filter((message) => payloadOf(message)?.role === "card");
  const told = JSON.stringify(PEOPLE.flatMap((who) => slack.ephemerals(who)));
  return asked.map((each) => fateOf(each, cards, told));
}

/** What must be nothing, by what it is called. */
const wrongIn = (fates: readonly Fate[]): Record<string, string[]> => {
  const named = (is: (fate: Fate) => boolean): string[] => fates.filter(is).map(({ name }) => name);
  return {
    "**lost**: accepted, and neither card, run nor answer": named(({ isLost }) => isLost),
    "**doubled** runs": named(({ runs }) => runs > 1),
    "doubled cards": named(({ cards }) => cards > 1),
    "end messages missing": named(({ cards, ends }) => cards > 0 && ends === 0),
    "end messages repeated": named(({ ends }) => ends > 1),
    "cards that are out of date at the end": named(({ says }) => says === "goes on"),
  };
};

async function secretsFound(): Promise<string[]> {
  const secrets = [slack.botToken, slack.signingSecret, arga.key];
  const places = {
    Redis: await redis.dump(),
    log: world.bots.map((bot) => bot.output()).join(""),
    messages: JSON.stringify(all()),
  };
  return Object.entries(places).flatMap(([place, text]) =>
    secrets.some((secret) => text.includes(secret)) ? [place] : [],
  );
}

const isSettled = (fates: readonly Fate[]): boolean =>
  Object.values(wrongIn(fates)).every((names) => names.length === 0);

function report(fates: readonly Fate[], secrets: readonly string[], settledMs: number): string {
  const count = (is: (fate: Fate) => boolean): number => fates.filter(is).length;
  const rows: [string, string | number][] = [
    ["commands typed", COMMANDS],
    ["accepted", count(({ isAccepted }) => isAccepted)],
    ["cards", fates.reduce((sum, { cards }) => sum + cards, 0)],
    ["runs made at Arga", fates.reduce((sum, { runs }) => sum + runs, 0)],
    ["told that nobody can tell whether it started", count(({ says }) => says === "unknown")],
    ["refused, with a reason", count(({ says }) => says === "refused")],
    ...Object.entries(wrongIn(fates)).map(([name, { length }]): [string, number] => [name, length]),
    ["places with a secret of ours (Redis, log, messages)", secrets.length],
    ["from the last trouble until all of it was so", `${(settledMs / 1000).toFixed(0)} s`],
    [
      "a killed process's successor is ready after, at most",
      `${(Math.max(0, ...restarts) / 1000).toFixed(1)} s`,
    ],
  ];
  const sum = [...troubles.values()].reduce((total, n) => total + n, 0);
  return [
    "| what | |",
    "| --- | --- |",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    "",
    `${sum} troubles: ${[...troubles].map(([name, n]) => `${name} ${n}`).join(", ")}.`,
  ].join("\n");
}

function page(table: string): string {
  return `# Reliability

What [\`npm run chaos\`](../bench/chaos.ts) found when it was run last: ${COMMANDS} commands of every kind (twins, tests, page, pull
request and agent validations, sandboxes), typed by three people in eight channels, while the bot's process and its Redis were killed, and
the local Slack and Arga refused, were slow, and lost answers. The bot is the built one; nothing in it knows of the bench. Seed
${values.seed}, Node ${process.version}.

${table}

A command counts as accepted when Slack got its 200 within three seconds and the person wasn't told that it probably wasn't saved. A
command that wasn't accepted may have been taken all the same; it is held to the same rules but for being lost. When the answer to a
start is lost, nobody can tell whether Arga has a run: the card says so, and no second one is started.
`;
}

let failed = true;
try {
  const trouble = makeTrouble();
  const asking: Promise<Asked>[] = [];
  for (let n = 0; n < COMMANDS; n++) {
    asking.push(ask(n));
    process.stderr.write(
      `\r${n + 1} commands, ${[...troubles.values()].reduce((a, b) => a + b, 0)} troubles`,
    );
    await sleep(PACE.command);
  }
  isDone = true;
  await trouble;
  slack.clearFaults();
  arga.clearFaults();
  const asked = await Promise.all(asking);
  const since = performance.now();
  let fates = fatesOf(asked);
  while (!isSettled(fates) && performance.now() - since < SETTLED_MS) {
    await sleep(1_000);
    fates = fatesOf(asked);
    const open = Object.values(wrongIn(fates)).reduce((sum, names) => sum + names.length, 0);
    process.stderr.write(`\rsettling: ${open} left   `);
  }
  const settledMs = performance.now() - since;
  const secrets = await secretsFound();
  const table = report(fates, secrets, settledMs);
  process.stderr.write("\n");
  console.log(table);
  failed = !isSettled(fates) || secrets.length > 0;
  if (failed) console.log(JSON.stringify({ ...wrongIn(fates), secrets }, undefined, 1));
  if (values.write) writeFileSync("docs/reliability.md", page(table));
} finally {
  await world.stop();
}
process.exitCode = failed ? 1 : 0;
