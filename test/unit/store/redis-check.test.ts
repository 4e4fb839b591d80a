import { Redis } from "ioredis";
import { onTestFinished, test } from "vitest";
import { RedisCheck } from "../../../src/store/redis-check.ts";
import { startRedis } from "../../support/redis.ts";

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
