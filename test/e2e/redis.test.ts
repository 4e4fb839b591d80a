import { Redis } from "ioredis";
import { test } from "vitest";
import { startSlack } from "../../sim/slack/server.ts";
import { type Bot, startBot } from "../support/bot.ts";
import { cardShows, isTaken } from "../support/life.ts";
import { type PrivateRedis, startRedis } from "../support/redis.ts";
import { startRedisProxy } from "../support/redis-proxy.ts";
import { freshWorld, startWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

type OnEnd = (end: () => Promise<void>) => void;

/** A Redis with this configuration, and an address of it for the bot. */
async function redisWith(onTestFinished: OnEnd, options: Record<string, string> = {}) {
  const redis = await startRedis(options);
  const proxy = await startRedisProxy(redis.path);
  onTestFinished(async () => {
    await proxy.close();
    await redis.stop();
  });
  return { redis, proxy };
}

/** What an operator does, in a connection of their own. */
async function ask(redis: PrivateRedis, ...commands: [string, ...string[]][]): Promise<void> {
  const admin = new Redis(redis.path);
  for (const [name, ...args] of commands) await admin.call(name, ...args);
  admin.disconnect();
}

const userUrl = (url: string, password = "secret-of-bob"): string =>
  url.replace("redis://", `redis://bob:${password}@`);

const failing = async (bot: Bot): Promise<Record<string, string>> => {
  const answer = (await (await fetch(`${bot.url}/readyz`)).json()) as { failing?: Record<string, string> };
  return answer.failing ?? {};
};

/** Another bot of the world's workspace, with this Redis. */
async function botWith(world: World, onTestFinished: OnEnd, url: string): Promise<Bot> {
  const bot = await startBot({ ...world.env, REDIS_URL: url });
  onTestFinished(() => bot.kill());
  return bot;
}

concurrent(
  "a Redis user who may not do what the bot needs ends it with what to grant, and a sufficient one doesn't",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { redis, proxy } = await redisWith(onTestFinished);
    const refusals = [
      ["~*", "+@all", "-info"],
      ["~*", "+@all", "-@dangerous"],
      ["~*", "+@all", "-@blocking"],
      ["~*", "+@all", "-@scripting"],
      ["~*", "+@all", "-zadd"],
      ["~*", "+@read", "+info", "+@connection"],
      ["~other:*", "+@all"],
    ];
    const missing = ["+info", "+info", "+bzpopmin", "+eval", "+zadd", "+set", "+set"];
    for (const [i, rules] of refusals.entries()) {
      await ask(redis, ["ACL", "SETUSER", "bob", "reset", "on", ">secret-of-bob", ...rules]);
      const bot = await botWith(world, onTestFinished, userUrl(proxy.url));
      expect(await bot.exited, rules.join(" ")).toBe(1);
      expect(bot.output()).toContain(`ACL SETUSER bob ~arga:* ${missing[i]} (`);
      expect(bot.output()).not.toContain("secret-of-bob");
    }
    await ask(redis, [
      ...(["ACL", "SETUSER", "bob", "reset", "on", ">secret-of-bob", "~arga:*", "+@all"] as const),
      ...["-@admin", "-@dangerous", "+info"],
    ]);
    const bot = await botWith(world, onTestFinished, userUrl(proxy.url));
    await bot.ready();
    world.slack.requestUrl(`${bot.url}/slack/events`);
    expect(isTaken(await world.slack.command("alice", "dev", "/arga", "twins stripe 60"))).toBe(true);
    await cardShows(world, "run.credentials");
    expect((await bot.stop()).code).toBe(0);
  },
);

concurrent("a wrong password is called that, every time", async ({ expect, onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { redis, proxy } = await redisWith(onTestFinished);
  await ask(redis, ["ACL", "SETUSER", "bob", "on", ">secret-of-bob", "~*", "+@all"]);
  const bot = await botWith(world, onTestFinished, userUrl(proxy.url, "another-one"));
  await expect.poll(() => bot.output()).toContain("Redis refuses the password in REDIS_URL.");
  for (let i = 0; i < 20; i++) {
    expect(await failing(bot)).toMatchObject({ redis: "Redis refuses the password in REDIS_URL." });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(bot.output()).not.toContain("writeable");
  expect(bot.output()).not.toContain("another-one");
});

concurrent(
  "a Redis that evicts and keeps no file is said in one JSON line each, and the first makes the bot unready",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { redis, proxy } = await redisWith(onTestFinished, {
      appendonly: "no",
      "maxmemory-policy": "allkeys-lru",
    });
    const bot = await botWith(world, onTestFinished, proxy.url);
    await expect.poll(() => bot.output()).toContain('"msg":"Ready"');
    await expect.poll(async () => Object.keys(await failing(bot))).toEqual(["redis"]);
    expect((await failing(bot)).redis).toContain("allkeys-lru");
    const lines = bot.output().trim().split("\n");
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.stringMatching(/^(trace|debug|info|warn)$/) });
    expect(lines.filter((line) => line.includes("allkeys-lru"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("append-only file"))).toHaveLength(1);
    await ask(redis, ["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    await bot.ready();
  },
);

concurrent("what a library says to the console is a line of the log", async ({ expect, onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { proxy } = await redisWith(onTestFinished);
  // ioredis warns of a password that nobody asked for.
  const bot = await botWith(
    world,
    onTestFinished,
    proxy.url.replace("redis://", "redis://default:needless@"),
  );
  await expect.poll(() => bot.output()).toContain('"msg":"Ready"');
  for (const line of bot.output().trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
});

concurrent("a Redis that is too old is said, and exit 1", async ({ expect, onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { proxy } = await redisWith(onTestFinished);
  proxy.pretend(/redis_version:[\d.]+/, "redis_version:5.0");
  const bot = await botWith(world, onTestFinished, proxy.url);
  expect(await bot.exited).toBe(1);
  expect(bot.output()).toContain("Redis 5.0");
});

concurrent(
  "a failover by name is followed, and until then the bot says that nothing can be written",
  async ({ expect, onTestFinished }) => {
    const world = await startWorld();
    onTestFinished(() => world.stop());
    const { redis: other } = await redisWith(onTestFinished);
    // Demoted: it answers and refuses writes, as long as the name still leads to it.
    await ask(world.redis, ["REPLICAOF", "127.0.0.1", "1"]);
    await expect
      .poll(() => failing(world.bot))
      .toMatchObject({ redis: expect.stringContaining("read-only") });
    world.proxy.leadTo(other.path);
    await world.bot.ready();
    expect(isTaken(await world.slack.command("alice", "dev", "/arga", "twins stripe 60"))).toBe(true);
    await cardShows(world, "run.credentials");
  },
);

concurrent(
  "a bot that starts on a replica waits and says so, and starts once the name leads to the master",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { redis, proxy } = await redisWith(onTestFinished);
    await ask(redis, ["REPLICAOF", "127.0.0.1", "1"]);
    const bot = await botWith(world, onTestFinished, proxy.url);
    await expect.poll(() => bot.output()).toContain("it is a read-only replica");
    expect(await failing(bot)).toMatchObject({ redis: expect.stringContaining("read-only") });
    proxy.leadTo((await redisWith(onTestFinished)).redis.path);
    await bot.ready();
  },
);

concurrent(
  "a Redis without room for a second connection is called that",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { redis, proxy } = await redisWith(onTestFinished, { maxclients: "2" });
    const admin = new Redis(redis.path);
    await admin.ping();
    onTestFinished(() => admin.disconnect());
    const bot = await botWith(world, onTestFinished, proxy.url);
    await expect.poll(() => bot.output()).toContain("Does its maxclients allow more?");
    await admin.config("SET", "maxclients", "100");
    await bot.ready();
  },
);

concurrent(
  "a Redis that is full makes the bot unready, without keeping it busy, until there's room",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    await ask(world.redis, ["CONFIG", "SET", "maxmemory", "1"]);
    await expect
      .poll(() => failing(world.bot))
      .toMatchObject({ redis: expect.stringContaining("memory is full") });
    const cpu = async (): Promise<number> => {
      const metrics = await (await fetch(`${world.bot.url}/metrics`)).text();
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
    };
    const before = await cpu();
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect((await cpu()) - before).toBeLessThan(2);
    await ask(world.redis, ["CONFIG", "SET", "maxmemory", "0"]);
    await world.bot.ready();
    expect(isTaken(await world.slack.command("alice", "dev", "/arga", "twins stripe 60"))).toBe(true);
    await cardShows(world, "run.credentials");
  },
);

concurrent(
  "queues whose workers get no connection are named at /readyz and in the log, and work once they have one",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { redis, proxy } = await redisWith(onTestFinished, { maxclients: "6" });
    const admin = new Redis(redis.path);
    await admin.ping();
    onTestFinished(() => admin.disconnect());
    const bot = await botWith(world, onTestFinished, proxy.url);
    await expect.poll(() => bot.output()).toContain("Queues have no connection to Redis");
    const { workers } = await failing(bot);
    expect(workers).toMatch(/\b(arga|slack|watch|home|notices)\b.*no connection to Redis/);
    await admin.config("SET", "maxclients", "100");
    await bot.ready();
    world.slack.requestUrl(`${bot.url}/slack/events`);
    expect(isTaken(await world.slack.command("alice", "dev", "/arga", "twins stripe 60"))).toBe(true);
    await cardShows(world, "run.credentials");
    await expect.poll(() => bot.output()).toContain("Queues have their connections");
  },
);

concurrent("a process holds seven connections to Redis", async ({ expect, onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const admin = new Redis(world.redis.path);
  const clients = String(await admin.client("LIST"))
    .trim()
    .split("\n");
  admin.disconnect();
  expect(clients).toHaveLength(7 + 1);
});

concurrent(
  "a bot of another workspace on the same Redis and prefix doesn't start and names REDIS_PREFIX",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const slack = await startSlack({ team: { id: "T0OTHER", domain: "other" } });
    onTestFinished(() => slack.close());
    const other = { ...world.env, SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.apiUrl };
    const refused = await startBot(other);
    onTestFinished(() => refused.kill());
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain("Set another REDIS_PREFIX");
    const apart = await startBot({ ...other, REDIS_PREFIX: "other" });
    onTestFinished(() => apart.kill());
    await apart.ready();
    // A second process of the first bot, and the first after a crash, go on.
    await world.restart();
    await world.bot.kill();
    await world.restart();
  },
);
