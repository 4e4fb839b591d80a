import { setTimeout as sleep } from "node:timers/promises";
import { ArgaClient } from "../src/api/client.ts";
import { isObject } from "../src/api/shapes.ts";
import { isOver } from "../src/api/statuses.ts";
import { emit, say } from "./emit.ts";
import { type ScriptedRun, scriptedArga } from "./scripted-arga.ts";

/**
 * How late one learns that a run is over, and how many requests that costs: the loop of the official SDK's `wait()`
 * against our stream, side by side in one process against one local server. See README.md here.
 */

/** The SDK's defaults (docs/references/arga-api.md#validation-statuses). */
const SDK_POLL_MS = 2_500;
const RUNS = Number(process.argv[3] ?? 150);
/** The runs of one phase begin within this time, so that nobody is in step. */
const SPREAD_MS = 5_000;
/** Every so manieth run meets one 429, at its second look. */
const FAULTY_EVERY = 10;

interface Way {
  name: string;
  watch(id: string): Promise<unknown>;
}

interface Row {
  name: string;
  lags: number[];
  requests: number;
  died: number;
  runs: number;
}

const server = await scriptedArga();
const client = new ArgaClient({ url: server.url, key: "arga_sk_bench", retries: 0 });
const durations = durationsOf(process.argv[2] ?? "usual");

const baseline: Way = { name: "official SDK's wait(), reimplemented", watch: sdkWait };
const stream: Way = { name: "ours, stream", watch: followed };

say(`durations: ${durations.says}`);
const plain = await phase([baseline, stream], RUNS, false);
print("No faults", plain);
print(`One 429 for every ${FAULTY_EVERY}th run`, await phase([baseline, stream], RUNS / 2, true));
const [sdk, ours] = plain;
emit({
  "sdk lag": sdk?.lags ?? [],
  "sdk requests": [sdk?.requests ?? Number.NaN],
  "ours lag": ours?.lags ?? [],
  "ours requests": [ours?.requests ?? Number.NaN],
});
await client.destroy();
await server.close();

/** What the SDKs do: look, sleep 2.5 s, look again; any error ends it. */
async function sdkWait(id: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${server.url}/runs/${id}`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const { status } = (await response.json()) as { status: string };
    if (isOver(status)) return;
    await sleep(SDK_POLL_MS);
  }
}

/** Done with the event that says so; the stream's own end comes after. */
async function followed(id: string): Promise<void> {
  for await (const { data } of client.validationRuns.results(id))
    if (isObject(data) && typeof data.status === "string" && isOver(data.status)) server.seen(id);
}

/** Every way watches as many runs, with the same durations, all at the same time. */
async function phase(ways: Way[], runs: number, faulty: boolean): Promise<Row[]> {
  const plan = Array.from({ length: runs }, (_, n) => ({
    after: Math.random() * SPREAD_MS,
    durationMs: durations.draw(),
    refuseSecond: faulty && n % FAULTY_EVERY === 0,
  }));
  return Promise.all(
    ways.map(async (way) => rowOf(way.name, await Promise.all(plan.map((run) => one(way, run))))),
  );
}

async function one(
  way: Way,
  { after, ...script }: { after: number; durationMs: number; refuseSecond: boolean },
): Promise<ScriptedRun> {
  await sleep(after);
  const run = server.start(script);
  await way.watch(run.id).then(
    () => server.seen(run.id),
    () => {
      run.died = true;
    },
  );
  return run;
}

function rowOf(name: string, runs: ScriptedRun[]): Row {
  const lags = runs.flatMap(({ seenAt, endedAt }) => (seenAt === undefined ? [] : [seenAt - endedAt]));
  const requests = runs.reduce((sum, run) => sum + run.requests, 0) / runs.length;
  const died = runs.filter((run) => run.died).length;
  return { name, lags: lags.sort((a, b) => a - b), requests, died, runs: runs.length };
}

function print(title: string, rows: Row[]): void {
  const [base] = rows;
  if (!base) return;
  say(`\n## ${title} (${base.runs} runs each)\n`);
  say("| | lag p50 ms | lag p95 ms | requests a run | died | p50 : SDK | p95 : SDK | requests : SDK |");
  say("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const row of rows) {
    const [p50, p95] = [quantile(row.lags, 0.5), quantile(row.lags, 0.95)];
    const ratios = [
      p50 / quantile(base.lags, 0.5),
      p95 / quantile(base.lags, 0.95),
      row.requests / base.requests,
    ];
    const figures = [p50.toFixed(1), p95.toFixed(1), row.requests.toFixed(2), String(row.died)];
    say(`| ${[row.name, ...figures, ...ratios.map((ratio) => ratio.toFixed(3))].join(" | ")} |`);
  }
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Milliseconds. "usual": most runs of a kind take about as long; "even" and "wild" are for comparison. */
function durationsOf(name: string): { says: string; draw(): number } {
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  if (name === "even")
    return { says: "20 to 40 s, all equally likely", draw: () => 20_000 + 20_000 * Math.random() };
  if (name === "wild")
    return { says: "20 s on average, memoryless", draw: () => -20_000 * Math.log(1 - Math.random()) };
  return { says: "log-normal, median 30 s, spread 20 %", draw: () => 30_000 * Math.exp(0.2 * normal()) };
}
