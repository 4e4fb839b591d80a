import { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { cardShows, isTaken, payloadOf } from "../support/life.ts";
import { freshWorld, startWorld, type World } from "../support/world.ts";

/** What has to be fast enough for Slack, with nothing beside it (vitest.config.ts). */

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

test("the same command forty times in a moment acts a few times at most, and each is answered", async ({
  onTestFinished,
}) => {
  const world = await freshWorld(onTestFinished, { arga: { speed: 1, provisionSeconds: 0.5 } });
  const { slack, arga } = world;
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  const card = await cardShows(world, "run.credentials");
  const id = payloadOf(card)?.run_id;
  arga.fault({ route: "POST /twin-runs/{run_id}/extend", delayMs: 1_000 });
  const presses = Array.from({ length: 40 }, () => slack.command("bob", "dev", "/arga", `extend ${id} 120`));
  expect((await Promise.all(presses)).every(isTaken)).toBe(true);
  const answers = () => slack.ephemerals("bob").filter((message) => message.text.includes("extended"));
  await slack.until(() => answers().length === 40);
  expect(arga.requests.filter((request) => request.route.endsWith("/extend")).length).toBeLessThanOrEqual(2);
});
