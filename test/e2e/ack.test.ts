import { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { isTaken } from "../support/life.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const asked = (each: World) => each.slack.command("alice", "dev", "/arga", "twins stripe 60");

test("a command waits for two round trips to Redis before it is acknowledged: it was six", async () => {
  world = await startWorld({ env: { ROLE: "web" } });
  const { proxy, redis } = world;
  const records = new Redis(redis.path);
  const live = () => records.zcard("arga:live");
  // What Arga has is read, and held for a second.
  await expect.poll(() => world?.bot.output()).toContain("Arga answers");
  expect(isTaken(await asked(world))).toBe(true);
  await expect.poll(() => records.exists("arga:queue:slack:meta")).toBe(1);
  // What comes third never arrives, nor does anything after it.
  proxy.holdAfter(2);
  const begun = performance.now();
  expect(isTaken(await asked(world))).toBe(true);
  expect(await live()).toBe(2);
  // Redis gets 800 ms for an answer: nobody waited for a third one.
  expect(performance.now() - begun).toBeLessThan(800);
  // And with one it can't be kept.
  proxy.holdAfter(1);
  await asked(world);
  expect(await live()).toBe(2);
  records.disconnect();
});
