import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { addressIn, startBot } from "../support/bot.ts";
import { endsWithUs } from "../support/children.ts";
import { cardShows, cardsOf, isTaken, keysOf, threadSays } from "../support/life.ts";
import { closedPort } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";
import { startRedisProxy } from "../support/redis-proxy.ts";
import { freshWorld, startWorld, type World } from "../support/world.ts";

// Those that wait for things to happen most of their time do it side by side.
const concurrent = test.concurrent;

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

test("a wrong environment is answered with one list of all that is wrong, and exit 1", async () => {
  const bot = await startBot({ ARGA_API_KEY: "nonsense", PORT: "70000", ROLE: "boss" });
  expect(await bot.exited).toBe(1);
  for (const words of [
    "SLACK_BOT_TOKEN is not set",
    "SLACK_APP_TOKEN",
    "ARGA_API_KEY must start",
    "PORT",
    "ROLE",
  ])
    expect(bot.output()).toContain(words);
  expect(bot.output()).not.toContain("nonsense");
});

test("a token that Slack does not accept is said, and exit 1", async () => {
  world = await startWorld();
  const bot = await startBot({
    ...world.env,
    SLACK_BOT_TOKEN: "xoxb-of-another-app",
  });
  expect(await bot.exited).toBe(1);
  expect(bot.output()).toContain("SLACK_BOT_TOKEN (invalid_auth)");
  expect(bot.output()).not.toContain("xoxb-of-another-app");
});

test("Redis being away at the start is waited for, in the log and at /readyz", async () => {
  world = await startWorld();
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  await redis.kill();
  const proxy = await startRedisProxy(redis.path);
  onTestFinished(() => proxy.close());
  const bot = await startBot({ ...world.env, REDIS_URL: proxy.url });
  onTestFinished(() => bot.kill());
  await expect.poll(() => bot.output()).toContain("Redis isn't answering yet");
  const waiting = await fetch(`${bot.url}/readyz`);
  expect(waiting.status).toBe(503);
  expect(await waiting.text()).toContain("redis");
  expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  await redis.start();
  await bot.ready();
});

test("SIGTERM to npm start ends the bot as well, and its port is free", async () => {
  world = await startWorld();
  const child = spawn("npm", ["start"], {
    env: { PATH: process.env.PATH ?? "", LOG_LEVEL: "info", PORT: "0", ...world.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endsWithUs(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await expect.poll(() => addressIn(output)).toBeDefined();
  child.kill("SIGTERM");
  // Its output ends with the last process that has it.
  expect(await ended).toBe(0);
  await expect(fetch(`${addressIn(output)}/healthz`)).rejects.toThrow();
});

test("SIGTERM ends the process within ten seconds, however slow Arga is, and what was asked for is not lost", async () => {
  world = await startWorld({ arga: { speed: 10, provisionSeconds: 5 } });
  const { slack, arga } = world;
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.credentials");
  arga.fault({ route: "POST /twin-runs", action: "hang" });
  await slack.command("alice", "dev", "/arga", "twins github 60");
  await arga.until(() =>
    arga.requests.find((request) => request.status === "hang" || request.status === "pending"),
  );
  const { code, ms } = await world.bot.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  arga.clearFaults();
  await world.restart();
  await slack.until(() =>
    cardsOf(world as World).some((card) => card.text.includes("can't tell if it started")),
  );
  expect(arga.runs.size).toBe(1);
});

test("SIGTERM ends the process although nobody reads its full standard output", async () => {
  world = await startWorld();
  const port = await closedPort();
  const run = `node dist/app.js & echo pid $! >&2; wait $!; echo code $? >&2`;
  // A pipe holds 64 KB.
  const child = spawn("sh", ["-c", `(head -c 65536 /dev/zero; ${run}) | sleep 50`], {
    env: { PATH: process.env.PATH ?? "", PORT: String(port), ...world.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  endsWithUs(child);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  // How long a start takes is the machine's affair; how long the end may take is promised.
  await expect.poll(isReady, { timeout: 40_000 }).toBe(true);
  process.kill(Number(/pid (\d+)/.exec(said)?.[1]), "SIGTERM");
  await expect.poll(() => said, { timeout: 10_000 }).toContain("code 0");
});

test("SIGTERM ends an idle process at once", async () => {
  for (const mode of ["http", "socket"] as const) {
    world = await startWorld({ mode });
    const { code, ms } = await world.bot.stop();
    expect(code).toBe(0);
    // By itself, and not by the last resort.
    expect(world.bot.output()).toContain('"msg":"Stopped"');
    expect(ms).toBeLessThan(10_000);
    await world.stop();
  }
});

concurrent(
  "intake and work in two processes, and two of each, tell one story",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { env: { ROLE: "web" } });
    for (let i = 0; i < 2; i++) {
      const worker = await startBot({ ...world.env, ROLE: "worker" });
      onTestFinished(() => worker.kill());
      await worker.ready();
    }
    const { slack } = world;
    await slack.command("alice", "dev", "/arga", "twins stripe 60");
    await slack.press("alice", await cardShows(world, "run.credentials"), "run.teardown");
    await threadSays(world, "torn down");
    expect(cardsOf(world)).toHaveLength(1);
    expect(new Set(keysOf(world)).size).toBe(keysOf(world).length);
    expect(world.arga.runs.size).toBe(1);
  },
);

concurrent(
  "thirty commands in one channel are all told, at Slack's pace and without a 429",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 1, provisionSeconds: 1 } });
    const { slack, arga } = world;
    const typed = await Promise.all(
      Array.from({ length: 30 }, () => slack.command("alice", "dev", "/arga", "twins stripe 60")),
    );
    expect(typed.every(isTaken)).toBe(true);
    // At Slack's pace they take 36 seconds, whatever the machine.
    await slack.until(() => cardsOf(world).length === 30, 150_000);
    await arga.until(() => arga.runs.size === 30);
    const posts = slack.log
      .filter((entry) => entry.method === "chat.postMessage" && entry.ok)
      .map((entry) => entry.at);
    // Two posts may arrive closer than they left; all of them together may not.
    expect((posts.at(-1) ?? 0) - (posts[0] ?? 0)).toBeGreaterThanOrEqual(29_000);
    expect(slack.log.filter((entry) => entry.status === 429)).toHaveLength(0);
  },
);

test("the acknowledgement waits for Redis alone: not for Slack, not for Arga", async () => {
  world = await startWorld();
  const { slack, arga } = world;
  await slack.command("alice", "dev", "/arga", "help");
  // Neither answers anything before all are acknowledged.
  const { promise: hold, resolve: answer } = Promise.withResolvers<void>();
  slack.fault({ method: /^(chat|views|conversations)\./, hold });
  arga.fault({ hold });
  for (let i = 0; i < 20; i++)
    expect(isTaken(await slack.command("alice", "dev", "/arga", "twins stripe 60"))).toBe(true);
  answer();
  expect((await world.redis.dump()).includes('kind\\":\\"twin')).toBe(true);
  const metrics = await (await fetch(`${world.bot.url}/metrics`)).text();
  for (const name of [
    "arga_slack_ack_seconds_bucket",
    "arga_slack_runs{",
    "arga_slack_jobs_total{",
    "arga_slack_slack_calls_total{",
    "arga_slack_arga_requests_total{",
    "arga_slack_status_lag_seconds_bucket",
    "process_cpu_seconds_total",
  ])
    expect(metrics).toContain(name);
});

concurrent(
  "only Slack's own requests are taken, once, in any of the forms that Slack uses",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    const body = new URLSearchParams({
      command: "/arga",
      text: "twins stripe 60",
      team_id: slack.teamId,
      channel_id: slack.channel("dev").id,
      channel_name: "dev",
      user_id: slack.user("alice").id,
      user_name: "alice",
      trigger_id: "1.2.a",
      response_url: `${slack.url}/none`,
    }).toString();
    const now = Math.floor(Date.now() / 1000);
    const url = `${world.bot.url}/slack/events`;
    const send = (timestamp: number, more: Record<string, string> = {}, text = body): Promise<Response> => {
      const signature = `v0=${createHmac("sha256", slack.signingSecret).update(`v0:${timestamp}:${text}`).digest("hex")}`;
      return fetch(url, {
        method: "POST",
        body: text,
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-slack-request-timestamp": String(timestamp),
          "x-slack-signature": signature,
          ...more,
        },
      });
    };
    expect((await send(now, { "x-slack-signature": "v0=00" })).status).toBe(401);
    expect((await send(now - 301)).status).toBe(401);
    expect((await send(now + 90)).status).toBe(401);
    expect((await fetch(url, { method: "POST", body })).status).toBe(401);
    expect((await send(now, {}, "x".repeat(1_100_000))).status).toBe(413);
    expect((await fetch(url)).status).toBe(405);
    expect(cardsOf(world)).toHaveLength(0);
    expect(
      (await send(now, { "content-type": "application/x-www-form-urlencoded; charset=utf-8" })).status,
    ).toBe(200);
    expect((await send(now)).status).toBe(401);
    // Signed anew, as a proxy's repetition would not be, but the same delivery.
    expect((await send(now + 1)).status).toBe(200);
    await cardShows(world, "run.credentials");
    expect(cardsOf(world)).toHaveLength(1);
    expect(world.arga.runs.size).toBe(1);
  },
);

concurrent("a socket that Slack renews or drops costs no command", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { mode: "socket" });
  const { slack } = world;
  await slack.until(() => slack.sockets.count() === 2);
  const say = async (): Promise<boolean> => isTaken(await slack.command("alice", "dev", "/arga", "help"));
  slack.sockets.disconnect("refresh_requested");
  await slack.until(() => slack.sockets.count() >= 1);
  expect(await say()).toBe(true);
  slack.fault({ method: "apps.connections.open", error: "invalid_auth", times: 1 });
  slack.sockets.drop();
  await slack.until(() => slack.sockets.count() >= 1);
  expect(await say()).toBe(true);
  expect(world.bot.hasExited()).toBe(false);
});

concurrent(
  "a token that is revoked while the bot runs is said at /readyz, and a lost answer is none",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { slack: { rateLimits: true } });
    const ready = async (): Promise<string> => await (await fetch(`${world.bot.url}/readyz`)).text();
    world.slack.fault({ method: "auth.test", action: "lose" });
    await world.slack.until(() => world.slack.log.filter(({ fault }) => fault !== undefined).length >= 1);
    expect(await ready()).toBe('{"ok":true}');
    world.slack.clearFaults();
    world.slack.fault({ method: "auth.test", error: "token_revoked" });
    const since = Date.now();
    await expect.poll(ready).toContain("SLACK_BOT_TOKEN (token_revoked)");
    expect(Date.now() - since).toBeLessThan(10_000);
    world.slack.clearFaults();
    await world.bot.ready();
  },
);

concurrent(
  "a wrong ARGA_API_URL, an unreachable Slack and missing scopes are called that in the log",
  async ({ expect, onTestFinished }) => {
    const missing = ["links:write", "users:read"];
    const scopes = ["commands", "chat:write", "app_mentions:read", "channels:history", "channels:read"];
    const more = ["groups:history", "im:history", "links:read", "mpim:history"];
    const world = await freshWorld(onTestFinished, { slack: { scopes: [...scopes, ...more] } });
    await expect.poll(() => world.bot.output()).toContain(`"missing":${JSON.stringify(missing)}`);
    const dead = `http://127.0.0.1:${await closedPort()}`;
    const logged = async (env: Record<string, string>, words: string): Promise<string> => {
      const bot = await startBot({ ...world.env, ...env });
      onTestFinished(() => bot.kill());
      await expect.poll(() => bot.output()).toContain(words);
      return bot.output();
    };
    await logged({ ARGA_API_URL: world.slack.url }, "ARGA_API_URL doesn't lead to Arga's API");
    await logged({ ARGA_API_URL: `${world.arga.url}/nowhere` }, "ARGA_API_URL doesn't lead to Arga's API");
    await logged({ ARGA_API_URL: dead }, "Arga can't be reached. Check ARGA_API_URL");
    for (const url of [`${dead}/api/`, "http://127.0.0.1:1/api/"]) {
      const output = await logged({ SLACK_API_URL: url }, "Slack isn't answering; retrying");
      expect(output).toContain(`"slack":"${new URL(url).host}"`);
      expect(output).toMatch(/ECONNREFUSED|bad port/);
      expect(output).not.toContain("fetch failed");
    }
  },
);
