import { readdirSync, readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { exported, FAMILIES, LEFT_OUT } from "../../../src/store/export.ts";
import { importLines } from "../../../src/store/import.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { exportAll, importAll } from "../../../src/store/transfer.ts";
import { startRedis } from "../../support/redis.ts";
import { startRedisProxy } from "../../support/redis-proxy.ts";
import { eventually } from "../../support/waiting.ts";
import { newRun, runIn } from "../support/runs.ts";

const PREFIX = "bot-1";

async function ownRedis() {
  const server = await startRedis();
  const redis = new Redis(server.path);
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { server, redis };
}

async function textOf(redis: Redis, prefix = PREFIX): Promise<string> {
  let text = "";
  for await (const line of exported(redis, prefix)) text += `${JSON.stringify(line)}\n`;
  return text;
}

const URL_OF_REPLY = "https://hooks.slack.com/commands/1/2/3";

/** Something of every family of keys. */
async function fill(redis: Redis): Promise<void> {
  const store = new RunStore(redis, PREFIX, () => {});
  const reply = { user: "U1", channel: "C1", at: Date.now(), url: URL_OF_REPLY };
  const live = newRun({ ...runIn("ready"), id: "aaaaaa", team: "T1", reply });
  const over = newRun({ ...runIn("ended"), id: "bbbbbb", team: "T1", reply });
  for (const run of [live, over]) await store.create(run, { name: run.id });
  await store.update(live, (run) => ({ ...run }));
  await store.update(
    over,
    (run) => ({ ...run }),
    () => true,
  );
  await store.once("T1", "welcome:U1", 1_000);
  await store.once("signed", "abc", 1_000);
  await store.noteUnclear({ team: "T1", id: "bbbbbb" }, Date.now());
  const at = (name: string): string => `${PREFIX}:${name}`;
  await redis.set(at("bot"), "T1:U0BOT");
  await redis.hset(at("subs:T1"), "C1", '[{"n":1}]');
  await redis.sadd(at("subscribers"), "T1");
  await redis.hset(at("digests"), "T1:C1", '{"dueAt":1}');
  await redis.hset(at("history:T1"), "bbbbbb", '{"run":"bbbbbb"}');
  await redis.zadd(at("history:T1:order"), 5, "bbbbbb");
  await redis.hset(at("board:T1:C1"), { version: "3", sending: "", trouble: "" });
  await redis.rpush(at("board:T1:C1:pending"), '{"a":1}', '{"b":2}');
  await redis.rpush(at("board:T1:C2:pending"), '{"c":3}');
  await redis.sadd(at("boards"), "T1:C1", "T1:C2");
  await redis.set(at("noticed:T1:C1:aaaaaa:end"), "1", "EX", 1_000);
  await redis.hset(at("home:T1:U1"), { looked: "7", "page.mine": "2" });
  await redis.zadd(at("homes:lookers:T1"), 7, "U1");
  await redis.zadd(at("ends:T1"), 7, "bbbbbb");
  // Caches, and what stands in the same Redis under a name that begins alike.
  await redis.set(at("known:plan"), "{}");
  await redis.set(`${PREFIX}0:run:T1:cccccc`, "another bot's");
}

/** Sorted where Redis keeps no order, and without what is not for an import to bring. */
const shown = (dump: string): string[] =>
  dump
    .split("\n")
    .filter((line) => !/:known:|once:signed|bot-10:/.test(line))
    .map((line) => {
      const [key = "", ...words] = line.replaceAll(/,?\\"url\\":\\"https:[^"]*"/g, "").split(" ");
      const text = words.join(" ");
      if (text.startsWith("{")) return `${key} ${JSON.stringify(Object.entries(JSON.parse(text)).sort())}`;
      return /boards|subscribers/.test(key) ? `${key} ${(JSON.parse(text) as string[]).sort()}` : line;
    })
    .sort();

test("every family of keys is exported, or left out on purpose", () => {
  const root = fileURLToPath(new URL("../../../src", import.meta.url));
  const source = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(`${root}/${file}`, "utf8"))
    .join("\n");
  const families = new Set([...source.matchAll(/prefix\}:([a-z-]+)/gi)].map(([, name = ""]) => name));
  const handled = [...Object.keys(FAMILIES).map((name) => name.split(":")[0]), ...LEFT_OUT, "bot"];
  expect([...families].filter((name) => !handled.includes(name))).toEqual([]);
  expect(families).toContain("digests");
});

test("another Redis has the same after an import, indexes and ends included, and no address of Slack's", async () => {
  const [from, to] = [await ownRedis(), await ownRedis()];
  await fill(from.redis);
  const text = await textOf(from.redis);
  expect(text).not.toContain("hooks.slack.com");
  await importLines(to.redis, PREFIX, text);
  expect(shown(await to.server.dump())).toEqual(shown(await from.server.dump()));
  for (const name of ["run:T1:aaaaaa", "run:T1:bbbbbb", "once:T1:welcome:U1", "noticed:T1:C1:aaaaaa:end"]) {
    const [was, is] = await Promise.all([from, to].map(({ redis }) => redis.pttl(`${PREFIX}:${name}`)));
    expect(Math.abs(Number(was) - Number(is)), name).toBeLessThan(5_000);
  }
  await importLines(to.redis, PREFIX, text);
  expect(shown(await to.server.dump())).toEqual(shown(await from.server.dump()));
});

test("under another prefix it is another bot's, with all that belongs to it", async () => {
  const [from, to] = [await ownRedis(), await ownRedis()];
  await fill(from.redis);
  await importLines(to.redis, "elsewhere", await textOf(from.redis));
  const moved = (await to.server.dump()).replaceAll("elsewhere:", `${PREFIX}:`);
  expect(shown(moved)).toEqual(shown(await from.server.dump()));
});

test.for([
  ["a newer record", ["HSET", "bot-1:run:T1:aaaaaa", "version", "9"], /run aaaaaa/],
  ["other subscriptions", ["HSET", "bot-1:subs:T1", "C1", "[]"], /subscriptions of C1/],
  ["a digest that is further", ["HSET", "bot-1:digests", "T1:C1", '{"dueAt":2}'], /digest of T1:C1/],
  ["more to be told", ["RPUSH", "bot-1:board:T1:C1:pending", "{}"], /outbox of C1/],
  ["another bot", ["SET", "bot-1:bot", "T2:U2"], /belongs to the bot T2:U2/],
] as const)("%s refuses the whole import, and nothing is written", async ([_name, [name, ...args], says]) => {
  const [from, to] = [await ownRedis(), await ownRedis()];
  await fill(from.redis);
  await to.redis.call(name, ...args);
  const before = await to.server.dump();
  await expect(importLines(to.redis, PREFIX, await textOf(from.redis))).rejects.toThrow(says);
  expect(await to.server.dump()).toBe(before);
});

test("an older record is brought up to date", async () => {
  const [from, to] = [await ownRedis(), await ownRedis()];
  await fill(from.redis);
  await importLines(to.redis, PREFIX, await textOf(from.redis));
  const store = new RunStore(from.redis, PREFIX, () => {});
  await store.updateNewest(
    { team: "T1", id: "aaaaaa" },
    (run) => ({ ...run, hidden: !run.hidden }),
    () => true,
  );
  await importLines(to.redis, PREFIX, await textOf(from.redis));
  expect(shown(await to.server.dump())).toEqual(shown(await from.server.dump()));
  expect(await to.redis.zcard(`${PREFIX}:live`)).toBe(0);
});

/** One of the commands, with this on its standard input. */
async function command(work: typeof exportAll, url: string, input = "") {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = {
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_SIGNING_SECRET: "s",
    ARGA_API_KEY: "arga_sk_x",
    REDIS_URL: url,
    REDIS_PREFIX: PREFIX,
  };
  try {
    const code = await work({ env, stdin: Readable.from([input]), stdout, stderr });
    return { code, output: await text(stdout.end()), errors: await text(stderr.end()) };
  } finally {
    stdout.end();
    stderr.end();
  }
}

test("the commands write all of one Redis, put it into another, and say how much that was", async () => {
  const [from, to] = [await ownRedis(), await ownRedis()];
  await fill(from.redis);
  const [source, target] = [await startRedisProxy(from.server.path), await startRedisProxy(to.server.path)];
  onTestFinished(async () => {
    await source.close();
    await target.close();
  });
  const { output, ...written } = await command(exportAll, source.url);
  expect(written).toEqual({ code: 0, errors: `Exported ${output.trim().split("\n").length} lines.\n` });
  const typesIn = (lines: string) =>
    lines
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(typesIn(output)).toEqual(typesIn(await textOf(from.redis)));
  const taken = await command(importAll, target.url, output);
  expect(taken).toEqual({
    code: 0,
    output: "",
    errors: "Imported 2 runs and the subscriptions of 1 channels.\n",
  });
  await expect(command(exportAll, "redis://127.0.0.1:1")).rejects.toMatchObject({
    code: "REDIS_AWAY",
    message: expect.stringMatching(/^127\.0\.0\.1:1 isn't answering|Redis at 127\.0\.0\.1:1/),
  });
});

test("a command that fails says why in its own words, and leaves no connection behind", async () => {
  const { redis, server } = await ownRedis();
  const target = await startRedisProxy(server.path);
  onTestFinished(() => target.close());
  await expect(command(importAll, target.url, "not a line of ours")).rejects.toMatchObject({
    code: expect.not.stringMatching("REDIS_AWAY"),
  });
  await eventually(
    async () =>
      String(await redis.client("LIST"))
        .trim()
        .split("\n").length === 1,
  );
});
