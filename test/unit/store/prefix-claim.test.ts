import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimPrefix, ownerOf, PrefixTaken } from "../../../src/store/prefix-claim.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

let server: PrivateRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const OURS = { team: "T0ACME", botUserId: "U0BOT" };

test("a prefix belongs to the bot that came first, in all its processes, and to no other", async () => {
  expect(await ownerOf(redis, "one")).toBeNull();
  await claimPrefix(redis, "one", OURS);
  await claimPrefix(redis, "one", OURS);
  expect(await ownerOf(redis, "one")).toBe("T0ACME:U0BOT");
  const other = claimPrefix(redis, "one", { team: "T0OTHER", botUserId: "U0BOT" });
  await expect(other).rejects.toThrow(PrefixTaken);
  await expect(other).rejects.toThrow(
    'In this Redis, "one" belongs to the bot T0ACME:U0BOT, and this is T0OTHER:U0BOT. Set another REDIS_PREFIX. If that bot is gone for good, delete the key one:bot.',
  );
  expect(await ownerOf(redis, "one")).toBe("T0ACME:U0BOT");
});

test("beside it, another bot has another prefix, for ever", async () => {
  const other = { team: "T0OTHER", botUserId: "U0BOT" };
  await claimPrefix(redis, "two", other);
  expect(await ownerOf(redis, "two")).toBe("T0OTHER:U0BOT");
  expect(await redis.ttl("two:bot")).toBe(-1);
});
