import { expect, test } from "vitest";
import {
  cardShows,
  cardsOf,
  isTaken,
  keysOf,
  textOf,
  theCard,
  threadOf,
  threadSays,
} from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

/** SIGKILL while a test or a validation runs, and while it is created; see crash.test.ts for the life of a twin. */

const concurrent = test.concurrent;
const STEPS = ["open the shop", "add a mug", "check out", "read the receipt"];
const COMMANDS = {
  test: `test https://shop.example.com "${STEPS.join(", ")}"`,
  validation: `validate https://shop.example.com "${STEPS.join(", ")}"`,
};

const made = (world: World): number => world.arga.testRuns.size + world.arga.validations.size;

const type = async (world: World, text: string): Promise<void> => {
  expect(isTaken(await world.slack.command("alice", "dev", "/arga", text))).toBe(true);
};

/** Lines of the thread about a step; the headings name the whole task. */
const linesAbout = (world: World, step: string): string[] =>
  threadOf(world)
    .flatMap(({ text }) => text.split("\n"))
    .filter((line) => line.includes(step) && !line.includes(" · "));

async function expectOneStory(world: World): Promise<void> {
  // The message about steps is edited once more after the end.
  await world.slack.until(() => STEPS.every((step) => linesAbout(world, step).length > 0));
  expect(cardsOf(world)).toHaveLength(1);
  const keys = keysOf(world);
  expect(new Set(keys).size, keys.join()).toBe(keys.length);
  expect(keys.filter((key) => key === "ended")).toHaveLength(1);
  for (const step of STEPS) expect(linesAbout(world, step), step).toHaveLength(1);
  expect(made(world)).toBe(1);
}

/** Kills the process right before the n-th write from now, and starts another. */
async function killBeforeWrite(world: World, n: number): Promise<void> {
  const { bot } = world;
  await new Promise<void>((resolve) => world.proxy.stopAt(n, resolve));
  await bot.kill();
  await world.restart();
}

concurrent.for([
  { kind: "test" as const, n: 3 },
  { kind: "test" as const, n: 60 },
  { kind: "validation" as const, n: 25 },
  { kind: "validation" as const, n: 110 },
])(
  "a $kind whose process is killed before its write $n is told to its end, once",
  async ({ kind, n }, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 3, runSeconds: 45 } });
    await type(world, COMMANDS[kind]);
    await cardShows(world, "running");
    await killBeforeWrite(world, n);
    await threadSays(world, ": passed");
    await cardShows(world, ": passed");
    await expectOneStory(world);
  },
);

/** Kills the process while its create is on its way: Arga gets it (`lose`) or does not (`reset`). */
async function killInCreate(world: World, action: "lose" | "reset"): Promise<void> {
  let release = (): void => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.arga.fault({ route: /^POST \/(test-runs|validate\/url-run)$/, times: 1, hold, action });
  const { bot } = world;
  const isHeld = (): boolean =>
    world.arga.requests.some(({ route, status }) => route.startsWith("POST /") && status === "pending");
  await world.arga.until(isHeld);
  await bot.kill();
  release();
  await world.restart();
}

concurrent(
  "a test run whose create was lost with its process is found in Arga's list, and followed",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 3, runSeconds: 45 } });
    const killed = killInCreate(world, "lose");
    await Promise.all([killed, type(world, COMMANDS.test)]);
    await threadSays(world, ": passed");
    await expectOneStory(world);
  },
);

concurrent.for([
  { kind: "test" as const, action: "reset" as const },
  { kind: "validation" as const, action: "lose" as const },
])(
  "a $kind of which nobody knows whether it was created ($action) is not created twice",
  async ({ kind, action }, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 3 } });
    const killed = killInCreate(world, action);
    await Promise.all([killed, type(world, COMMANDS[kind])]);
    await cardShows(world, "Try again");
    expect(textOf(theCard(world))).toContain("can't tell if it started");
    expect(made(world)).toBe(action === "lose" ? 1 : 0);
  },
);
