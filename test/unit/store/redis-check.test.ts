import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { RedisCheck } from "../../../src/store/redis-check.ts";
import { startRedis } from "../../support/redis.ts";
import { startRedisProxy } from "../../support/redis-proxy.ts";
import { startServer } from "../../support/redis-servers.ts";

/** Whether a Redis does what the bot needs, and what is said of one that doesn't. */

/** A look at one with this configuration, by a client with these credentials. */
async function looking(
  lines: string[] = ["appendonly yes"],
  { url = "redis://localhost", as = {}, args = [] }: { url?: string; as?: object; args?: string[] } = {},
) {
  const server = await startServer(lines, args);
  const redis = new Redis({ host: "127.0.0.1", port: server.port, retryStrategy: null, ...as });
  redis.on("error", () => {});
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { server, redis, check: new RedisCheck(redis, { url, prefix: "test" }) };
}

test("a start isn't disturbed by whoever asks whether the bots are ready meanwhile", async () => {
  const server = await startRedis();
  const [one, other] = [new Redis(server.path), new Redis(server.path)];
  onTestFinished(async () => {
    for (const redis of [one, other]) redis.disconnect();
    await server.stop();
  });
  const asking = new RedisCheck(other, { url: "redis://localhost", prefix: "test" });
  let isOver = false;
  const asked = (async () => {
    while (!isOver) await asking.problem();
  })();
  const starting = new RedisCheck(one, { url: "redis://localhost", prefix: "test" });
  try {
    for (let times = 0; times < 10; times++) await starting.inspect();
  } finally {
    isOver = true;
    await asked;
  }
});

describe("a Redis", () => {
  test("that does all that is needed is fit, and how it's doing can be told", async () => {
    const { check, redis } = await looking();
    expect(await check.inspect()).toEqual([]);
    expect(await check.problem()).toBeUndefined();
    const { latencyMs, usedBytes, ...figures } = await check.figures();
    expect(figures).toEqual({
      name: expect.stringMatching(/^(Redis|Valkey)$/),
      version: expect.stringMatching(/^\d+\.\d+/),
      mostBytes: 0,
      isWritten: true,
    });
    expect(latencyMs).toBeGreaterThan(0);
    expect(usedBytes).toBeGreaterThan(10_000);
    // It leaves nothing behind that stays.
    const ttls = await Promise.all((await redis.keys("*")).map((key) => redis.ttl(key)));
    expect(ttls.every((ttl) => ttl > 0 && ttl <= 60)).toBe(true);
  });

  test("that forgets what it holds, or keeps nothing on its disk, is said to", async () => {
    const { check } = await looking(["appendonly no", "maxmemory-policy allkeys-lru"]);
    const evicting =
      "Redis may throw away runs when its memory is full: maxmemory-policy is allkeys-lru. Set it to noeviction";
    expect(await check.inspect()).toEqual([
      evicting,
      "Redis keeps no append-only file: what was accepted is lost when it restarts. Set appendonly to yes",
    ]);
    expect(await check.problem()).toBe(evicting);
  });

  test("that lets the bot's user do too little is unfit, with what would grant it", async () => {
    const acl = "user arga on >secret ~test:* +@all -@admin -@dangerous +info -xadd -hset";
    const as = { username: "arga", password: "secret" };
    const url = "redis://arga:secret@localhost";
    const { check } = await looking(["appendonly yes", acl], { url, as });
    await expect(check.inspect()).rejects.toMatchObject({
      code: "REDIS_UNFIT",
      message:
        'Redis doesn\'t let the user "arga" of REDIS_URL run HSET, XADD on keys that start with "test:". Grant it: ACL SETUSER arga ~test:* +hset +xadd (all that the bot needs: +@all -@admin -@dangerous +info)',
    });
    const { check: other } = await looking(["appendonly yes", acl.replace("-xadd -hset", "-eval")], {
      url,
      as,
    });
    await expect(other.inspect()).rejects.toThrow("run EVAL on keys");
  });

  test("with another name for what it is than REDIS_URL says is unfit", async () => {
    const { check: cluster } = await looking(["cluster-enabled yes"]);
    await expect(cluster.inspect()).rejects.toThrow(
      "REDIS_URL leads to a Redis Cluster. Write redis+cluster:// at its beginning.",
    );
    const { check: sentinel } = await looking(["sentinel resolve-hostnames no"], { args: ["--sentinel"] });
    await expect(sentinel.inspect()).rejects.toThrow(
      "REDIS_URL leads to a Sentinel. Write redis+sentinel:// at its beginning and the primary's name at its end.",
    );
  });

  test("that is full, or a replica, takes no writes for now", async () => {
    const { check, redis } = await looking();
    await redis.config("SET", "maxmemory", "1");
    expect(await check.problem()).toBe("Redis takes no writes: its memory is full");
    await expect(check.inspect()).rejects.toThrow("OOM");
    await redis.config("SET", "maxmemory", "0");
    await redis.replicaof("127.0.0.1", 1);
    expect(await check.problem()).toBe("Redis takes no writes: it is a read-only replica");
    await redis.replicaof("NO", "ONE");
    expect(await check.problem()).toBeUndefined();
  });

  test("that is gone is named, with why", async () => {
    const { check, server, redis } = await looking();
    await redis.ping();
    await server.kill();
    expect(await check.problem()).toMatch(
      /^Redis at localhost:6379 isn't answering \(.+\)$|^localhost:6379 /,
    );
  });
});

test.each([
  ["5.0.14", false],
  ["6.0.20", false],
  ["6.1.99", false],
  ["6.2.0", true],
  ["7.0.0", true],
  ["10.0.1", true],
])("version %s is new enough: %s", async (version, isFit) => {
  const server = await startRedis({ appendonly: "yes" });
  const proxy = await startRedisProxy(server.path);
  const redis = new Redis(proxy.url);
  onTestFinished(async () => {
    redis.disconnect();
    await proxy.close();
    await server.stop();
  });
  // The rest of the line is filled up, so the answer stays as long as it says that it is.
  proxy.pretend(/redis_version:[\d.]+\r\nredis_git_sha1:/, `redis_version:${version}\r\nx:`);
  const found = new RedisCheck(redis, { url: "redis://localhost", prefix: "test" }).inspect();
  if (isFit) expect(await found).toEqual([]);
  else await expect(found).rejects.toThrow(`Redis ${version} is too old: the bot needs 6.2 or newer.`);
});

test.each([
  ["WRONGPASS invalid username-password pair", "Redis refuses the password in REDIS_URL."],
  ["NOAUTH Authentication required.", "Redis refuses the password in REDIS_URL."],
  ["ERR unknown command 'SENTINEL'", /^REDIS_URL says redis\+sentinel:\/\/, but/],
  ["no sentinel knows a primary of this name", /^The sentinels in REDIS_URL don't know the primary/],
  ["ERR This instance has cluster support disabled", /^REDIS_URL says redis\+cluster:\/\/, but/],
  ["CLUSTERDOWN Hash slot not served", /^Redis takes nothing: its cluster is down/],
  ["READONLY You can't write against a read only replica.", /a read-only replica$/],
  ["OOM command not allowed", /its memory is full$/],
  ["MISCONF Redis is configured to save", /it can't save to its disk$/],
  ["NOREPLICAS Not enough good replicas", /too few of its replicas answer$/],
  ["NOPERM this user has no permissions", "Redis doesn't let the user of REDIS_URL do its work"],
  ["something else", /isn't answering \(something else\)$/],
])("%s is explained", async (said, words) => {
  const redis = new Redis({ lazyConnect: true });
  onTestFinished(() => redis.disconnect());
  const check = new RedisCheck(redis, { url: "redis://:secret@localhost", prefix: "test" });
  const explained = check.explain(new Error(said));
  expect(explained).toMatch(words);
  expect(explained).not.toContain("secret");
});
