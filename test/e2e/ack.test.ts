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
  // What Arga has is read, and held for a second.
  await expect.poll(() => world?.bot.output()).toContain("Arga answers");
  expect(isTaken(await asked(world))).toBe(true);
  await expect.poll(() => records.exists("arga:queue:slack:meta")).toBe(1);
  // What comes third never arrives, nor does anything after it.
  let isCut = false;
  proxy.stopAt(2, () => {
    isCut = true;
  });
  expect(isTaken(await asked(world))).toBe(true);
  expect(await records.zcard("arga:live")).toBe(2);
  await expect.poll(() => isCut).toBe(true);
  records.disconnect();
});
