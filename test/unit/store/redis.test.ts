import { pino } from "pino";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { connectRedis, guarded, runScript } from "../../../src/store/redis.ts";
import { startRedis } from "../../support/redis.ts";
import { type RedisProxy, startRedisProxy } from "../../support/redis-proxy.ts";
import { eventually, PATIENCE_MS } from "../../support/waiting.ts";

/** The connection for what people wait for, when Redis goes away and comes back. */

let path: string;
let proxy: RedisProxy;
let said: { level: number; msg: string; why?: string }[];

beforeEach(async () => {
  said = [];
  const server = await startRedis();
  path = server.path;
  proxy = await startRedisProxy(path);
  onTestFinished(async () => {
    await proxy.close();
    await server.stop();
  });
});

function connected(commandTimeout = PATIENCE_MS) {
  const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
  const redis = connectRedis({ url: proxy.url, prefix: "test" }, logger, commandTimeout);
  onTestFinished(() => redis.disconnect());
  return redis;
}

test("a short break is bridged, and nobody notices", async () => {
  const redis = connected();
  await redis.set("a", "1");
  proxy.cut();
  expect(await redis.get("a")).toBe("1");
  expect(said.filter(({ msg }) => msg !== "Lost Redis; reconnecting" && msg !== "Redis is back")).toEqual([]);
});

test("in a long break everybody is told at once, and the log says so once, as when it's over", async () => {
  const redis = connected();
  await redis.set("a", "1");
  proxy.leadTo(`${path}.gone`);
  proxy.cut();
  await eventually(async () => redis.options.enableOfflineQueue === false);
  const begun = performance.now();
  for (let n = 0; n < 3; n++)
    await expect(guarded(redis.get("a"))).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: "I couldn't save that: Redis isn't answering. Check `/arga list` before you try again.",
      cause: expect.any(Error),
    });
  // Nobody waited for a connection that isn't there.
  expect(performance.now() - begun).toBeLessThan(PATIENCE_MS);
  proxy.leadTo(path);
  await eventually(async () => (await redis.get("a").catch(() => undefined)) === "1");
  expect(redis.options.enableOfflineQueue).toBe(true);
  const [lost, back, ...more] = said;
  expect(more).toEqual([]);
  expect(lost).toMatchObject({ level: 40, msg: "Lost Redis; reconnecting", why: expect.any(String) });
  expect(back).toMatchObject({ level: 30, msg: "Redis is back" });
});

test("a Redis that says nothing is waited for as long as a command may take", async () => {
  const redis = connected(50);
  await redis.ping();
  proxy.silence();
  await expect(guarded(redis.get("a"))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

test("a script is sent once, and again to a Redis that has forgotten it", async () => {
  const redis = connected();
  const lua = "return { KEYS[1], ARGV[1], #KEYS }";
  expect(await runScript(redis, lua, ["a"], ["b"])).toEqual(["a", "b", 1]);
  await redis.script("FLUSH");
  expect(await runScript(redis, lua, ["a", "c"], ["b"])).toEqual(["a", "b", 2]);
  expect(await runScript(redis, "return #ARGV", [])).toBe(0);
});
