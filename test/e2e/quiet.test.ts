import { expect, test } from "vitest";
import { cardShows, keysOf, pickUntilTaken, pressUntilTaken, threadOf, threadSays } from "../support/life.ts";
import { freshWorld } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** How much a run says: what the card shows isn't told once more, and nobody is mentioned for what they did. */

concurrent(
  "a twin's whole life by presses of its requester is five messages in its thread, and none in private",
  async ({ onTestFinished }) => {
    // Ten times as fast as life, and reminded as soon as it was extended.
    const world = await freshWorld(onTestFinished, {
      arga: { speed: 10, provisionSeconds: 5, cleanupSeconds: 2 },
      env: { REMIND_BEFORE_MINUTES: "11.9" },
    });
    const { slack } = world;
    await slack.command("alice", "dev", "/arga", "twins stripe 60");
    await cardShows(world, "run.credentials");
    await pressUntilTaken(world, "run.extend", "120");
    await threadSays(world, "Extended by alice");
    await pickUntilTaken(world, "lock");
    await threadSays(world, "Locked by alice");
    await threadSays(world, ": ends <!date");
    await pressUntilTaken(world, "run.teardown");
    const end = await threadSays(world, "torn down by alice");
    await cardShows(world, ": torn down");
    expect(end.text).not.toContain("<@");
    const reminders = keysOf(world).filter((key) => key.startsWith("reminder:"));
    expect(reminders.length).toBeGreaterThan(0);
    expect(threadOf(world).length - reminders.length).toBe(4);
    expect(threadOf(world).length).toBeLessThanOrEqual(5);
    for (const who of ["alice", "bob", "carol"]) expect(slack.ephemerals(who)).toEqual([]);
    expect(slack.messages("dm:alice")).toEqual([]);
  },
);

concurrent(
  "a test of six steps and more is two messages in its thread, and none in private",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 4, runSeconds: 40 } });
    const { slack, arga } = world;
    const words = "add a mug, add a cup, open the cart, enter a coupon, pay, read the receipt";
    await slack.command("alice", "dev", "/arga", `test https://shop.example.com "${words}"`);
    await cardShows(world, ": passed");
    await threadSays(world, ": passed");
    const [run] = arga.testRuns.values();
    expect(run?.stepsDone).toBeGreaterThanOrEqual(6);
    expect(keysOf(world)).toEqual(["steps", "ended"]);
    expect(slack.ephemerals("alice")).toEqual([]);
  },
);
