import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Pool } from "undici";
import { startArga } from "../sim/arga/server.ts";
import { startSlack } from "../sim/slack/server.ts";
import { closedPort } from "../test/support/ports.ts";
import { startRedis } from "../test/support/redis.ts";

/**
 * How fast `/arga twins stripe 60` is acknowledged, side by side with Bolt and one BullMQ job before its ack: requests a
 * second, and the median at one at a time. `npm run build` first. See README.md here.
 */

const ROUNDS = Number(process.argv[2] ?? 5);
const ROLE = process.argv[3] ?? "web";
const CONCURRENCIES = [1, 20, 200];
const SECONDS = 2;

interface Contender {
  name: string;
  pool: Pool;
  path: string;
  process: ChildProcess;
}

const slack = await startSlack({ rateLimits: false });
const arga = await startArga({ speed: 1 });
const redis = [await redisOnPort(), await redisOnPort()] as const;

/** One each, on a port of its own and without its file, as the peer's is. */
async function redisOnPort(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await closedPort();
  const { stop } = await startRedis({ port: String(port), appendonly: "no" });
  return { url: `redis://127.0.0.1:${port}`, stop };
}

async function launch(name: string, args: string[], env: Record<string, string>): Promise<Contender> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  let port: number | undefined;
  for await (const line of lines) {
    port = Number(/"port":(\d+)|^listening (\d+)/.exec(line)?.slice(1).find(Boolean)) || port;
    if (port && (name === "peer" || line.includes('"Ready"') || line.includes("Started"))) break;
    if (port && name === "bot") break;
  }
  child.stdout.resume();
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 256, pipelining: 1 });
  const path = "/slack/events";
  return { name, pool, path, process: child };
}

const common = {
  SLACK_BOT_TOKEN: slack.botToken,
  SLACK_SIGNING_SECRET: slack.signingSecret,
  SLACK_API_URL: slack.apiUrl,
};
const bot = await launch("bot", ["dist/app.js"], {
  ...common,
  ARGA_API_KEY: arga.key,
  ARGA_API_URL: arga.url,
  REDIS_URL: redis[0].url,
  PORT: "0",
  LOG_LEVEL: "info",
  ROLE,
});
const peer = await launch("peer", ["--import", "tsx", "bench/peers/bolt-bullmq.ts"], {
  ...common,
  REDIS_URL: redis[1].url,
});
const team = slack.teamId;
let sent = 0;

async function ask({ pool, path }: Contender): Promise<number> {
  const n = sent++;
  const body = new URLSearchParams({
    command: "/arga",
    text: "twins stripe 60",
    team_id: team,
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
    path,
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

interface Figures {
  perSecond: number;
  p50: number;
}

async function load(contender: Contender, concurrency: number): Promise<Figures> {
  const until = performance.now() + SECONDS * 1_000;
  const times: number[] = [];
  const lane = async (): Promise<void> => {
    while (performance.now() < until) times.push(await ask(contender));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  times.sort((a, b) => a - b);
  return { perSecond: times.length / SECONDS, p50: times[Math.floor(times.length / 2)] ?? 0 };
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const spread = (values: number[]): string =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

try {
  for (const contender of [bot, peer]) await load(contender, 20);
  for (const concurrency of CONCURRENCIES) {
    const rates: number[] = [];
    const medians: number[] = [];
    const [ours, theirs]: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const mine = await load(bot, concurrency);
      const other = await load(peer, concurrency);
      rates.push(mine.perSecond / other.perSecond);
      medians.push(mine.p50 / other.p50);
      ours?.push(mine.p50);
      theirs?.push(other.p50);
    }
    console.log(
      `concurrency ${concurrency}: requests/s × ${spread(rates)}, p50 × ${spread(medians)}; ${median(ours ?? []).toFixed(1)} ms and ${median(theirs ?? []).toFixed(1)} ms`,
    );
  }
} finally {
  for (const { process: child, pool } of [bot, peer]) {
    await pool.destroy();
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await Promise.all([slack.close(), arga.close(), ...redis.map((each) => each.stop())]);
}
