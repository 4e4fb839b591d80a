import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pacer, postLane } from "../../../src/slack/pacer.ts";
import { SharedClock } from "../../../src/store/shared-clock.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

let server: PrivateRedis;
let redis: Redis;

beforeEach(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
});

afterEach(async () => {
  vi.useRealTimers();
  redis.disconnect();
  await server.stop();
});

/** As when somebody sets the clock of this machine: what measures durations goes on. */
const setClock = (aheadMs: number): void =>
  void vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + aheadMs });

const redisTime = async (): Promise<number> => Number((await redis.time())[0]) * 1_000;

test.each([120_000, -120_000])(
  "a clock that is set by %i ms changes nothing of what processes agree on",
  async (ms) => {
    const clock = new SharedClock(redis);
    await clock.look();
    setClock(ms);
    expect(Math.abs(clock.now() - (await redisTime()))).toBeLessThan(10_000);
    // Also if it was wrong from the beginning.
    const late = new SharedClock(redis);
    await late.look();
    expect(Math.abs(late.now() - (await redisTime()))).toBeLessThan(10_000);
  },
);

test("while Redis is away what was known holds, and before anything was, the own clock", async () => {
  const known = new SharedClock(redis);
  await known.look();
  const away = { time: () => Promise.reject(new Error("away")) };
  const unknown = new SharedClock(away as Pick<Redis, "time">);
  await unknown.look();
  expect(Math.abs(unknown.now() - Date.now())).toBeLessThan(1_000);
  await server.kill();
  setClock(3_600_000);
  expect(Date.now() - known.now()).toBeGreaterThan(3_500_000);
});

test("a process whose clock is two minutes ahead holds up nobody's posts, and lets none through too soon", async () => {
  const clock = new SharedClock(redis);
  await clock.look();
  const right = new Pacer(redis, "test", () => clock.now());
  const lane = postLane("C1");
  setClock(120_000);
  const wrong = new Pacer(redis, "test", () => clock.now());
  await wrong.block(lane, "T1", 2_000);
  vi.useRealTimers();
  const wait = await right.acquire(lane, { team: "T1", who: "a" });
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(2_000);
});
