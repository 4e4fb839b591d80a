import { Redis } from "ioredis";
import { expect, test } from "vitest";
import {
  cardShows,
  cardsOf,
  homeShows,
  isTaken,
  modalShows,
  payloadOf,
  textOf,
  theCard,
  threadOf,
} from "../support/life.ts";
import { eventually } from "../support/waiting.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/**
 * A process that is killed while it shares a run, saves a test, keeps settings, starts a preset, or posts a digest: before
 * the call that it was at had its effect, and after.
 */

const WAYS = [
  ["before", "reset"],
  ["after", "lose"],
] as const;

const WEEK_MS = 7 * 24 * 3600_000;

/** Holds the next call of that kind, does the deed, kills the bot while it's held, and starts another. */
async function killIn(
  world: World,
  { method, action }: { method: string; action: "reset" | "lose" },
  act: () => Promise<unknown>,
): Promise<void> {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const held = world.slack.log.filter(({ kind }) => kind === "held").length;
  world.slack.fault({ method, hold, action, times: 1 });
  const done = act();
  await world.slack.until(() => world.slack.log.filter(({ kind }) => kind === "held").length > held);
  await done;
  await world.bot.kill();
  release();
  await world.restart();
}

const idOfRun = (world: World): string => String(payloadOf(theCard(world))?.run_id);
const saying = (world: World, words: string) =>
  threadOf(world).filter((message) => message.text.includes(words));
const answersTo = (world: World, who: string): string[] =>
  world.slack.ephemerals(who, "dev").map(({ text }) => text);

for (const [effect, action] of WAYS)
  concurrent(
    `a share whose process is killed ${effect} its message is told once, and holds`,
    async ({ onTestFinished }) => {
      const world = await freshWorld(onTestFinished);
      const { slack } = world;
      await slack.command("alice", "dev", "/arga", "twins stripe 60");
      await cardShows(world, "run.credentials");
      await slack.until(() => saying(world, ": ready").length > 0);
      const bob = slack.user("bob").id;
      await killIn(world, { method: "chat.postMessage", action }, () =>
        slack.command("alice", "dev", "/arga", `share ${idOfRun(world)} <@${bob}|bob>`),
      );
      await slack.until(() => saying(world, "Shared with bob").length > 0);
      await slack.press("bob", theCard(world), "run.credentials");
      await slack.until(() => JSON.stringify(slack.views("bob")).includes("STRIPE"));
      expect(saying(world, "Shared with bob")).toHaveLength(1);
      // It was shared with nobody else.
      await slack.press("carol", theCard(world), "run.credentials").catch(() => {});
      expect(JSON.stringify(slack.views("carol"))).not.toContain("STRIPE");
    },
  );

for (const [effect, action] of WAYS)
  concurrent(
    `a save whose process is killed ${effect} Arga has it isn't sent twice`,
    async ({ onTestFinished }) => {
      const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
      const { slack, arga } = world;
      await slack.command("alice", "dev", "/arga", 'test https://shop.example.com "add a mug"');
      await cardShows(world, ": passed");
      const { promise: hold, resolve: release } = Promise.withResolvers<void>();
      arga.fault({ route: "POST /tests", hold, action: action === "lose" ? "lose" : "reset", times: 1 });
      const sent = () => arga.requests.filter(({ route }) => route === "POST /tests");
      expect(isTaken(await slack.command("alice", "dev", "/arga", `tests save ${idOfRun(world)} Mug`))).toBe(
        true,
      );
      await arga.until(() => sent().length > 0);
      await world.bot.kill();
      release();
      await world.restart();
      await slack.until(() =>
        answersTo(world, "alice").some((text) => text.includes("Can't tell if I managed")),
      );
      expect(sent()).toHaveLength(1);
      const made = [...arga.savedTests.values()].filter(({ name }) => name === "Mug");
      expect(made).toHaveLength(effect === "after" ? 1 : 0);
      // Nobody but its requester may save it, whatever happened in between.
      await slack.command("bob", "dev", "/arga", `tests save ${idOfRun(world)} Mine`);
      await slack.until(() => answersTo(world, "bob").some((text) => text.includes("can't save")));
      expect(sent()).toHaveLength(1);
    },
  );

concurrent(
  "settings that were taken are kept, and a preset is one run, whatever is killed",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    await slack.openHome("alice");
    const home = await homeShows(world, "home.settings");
    await slack.pressInView("alice", home.id, "home.settings");
    const settings = await modalShows(world, "Your settings");
    const channel = slack.channel("dev").id;
    const values = { presets: "Tuesday: stripe 30", default_channel: channel };
    expect(isTaken(await slack.submit("alice", settings.id, values))).toBe(true);
    await world.bot.kill();
    await world.restart();
    await slack.openHome("alice");
    const fresh = await homeShows(world, "Tuesday");
    await slack.pressInView("alice", fresh.id, "home.preset.0");
    const form = await modalShows(world, "Start twins");
    await killIn(world, { method: "chat.postMessage", action: "lose" }, () =>
      slack.submit("alice", form.id, {}),
    );
    await cardShows(world, "run.credentials");
    expect(cardsOf(world)).toHaveLength(1);
    expect([...world.arga.runs.values()].map(({ twins }) => twins)).toEqual([["stripe"]]);
    // Others have no such button.
    await slack.openHome("bob");
    await slack.until(() => slack.home("bob"));
    expect(JSON.stringify(slack.home("bob")?.blocks)).not.toContain("Tuesday");
  },
);

/** As if it had been asked for a week ago: all that ended until now is in it. */
async function dueNow({ redis }: World): Promise<void> {
  const client = new Redis(redis.path);
  const [key = ""] = await client.keys("*:digests");
  for (const [field, json] of Object.entries(await client.hgetall(key)))
    await client.hset(key, field, JSON.stringify({ ...JSON.parse(json), dueAt: Date.now() }));
  client.disconnect();
}

const digests = ({ slack }: World) =>
  slack.messages("dev").filter((message) => textOf(message).includes("week with Arga"));

const askForDigest = async (world: World): Promise<void> => {
  const answer = await world.slack.command("alice", "dev", "/arga", "notify digest weekly");
  expect(isTaken(answer)).toBe(true);
};

concurrent(
  "a weekly digest sums up what ran, once, a week after it was asked for",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 20, plan: "free" } });
    const { slack } = world;
    await askForDigest(world);
    for (const words of ["add a mug", "fail to pay"]) {
      await slack.command("alice", "dev", "/arga", `test https://shop.example.com "${words}"`);
      await slack.until(
        () => cardsOf(world).filter((card) => /: (passed|failed)/.test(card.text)).length > 0,
      );
    }
    await slack.until(
      () => cardsOf(world).filter((card) => /: (passed|failed)/.test(card.text)).length === 2,
    );
    expect(digests(world)).toEqual([]);
    // What is still to be counted is counted when its end is told.
    await eventually(async () => !(await world.redis.dump()).includes("subscribers"));
    // Who starts looks at what is due.
    await world.bot.kill();
    await dueNow(world);
    await world.restart();
    const digest = await slack.until(() => digests(world)[0]);
    expect(textOf(digest)).toContain("2 runs");
    expect(textOf(digest)).toContain("1 of 2 passed");
    expect(textOf(digest)).not.toContain("<@");
    expect(payloadOf(digest)).toMatchObject({ role: "notice" });
    await world.bot.kill();
    await world.restart();
    await slack.command("alice", "dev", "/arga", "notify digest off");
    expect(digests(world)).toHaveLength(1);
  },
);

for (const [effect, action] of WAYS)
  concurrent(
    `a digest whose process is killed ${effect} it is posted stands there once`,
    async ({ onTestFinished }) => {
      const world = await freshWorld(onTestFinished);
      await askForDigest(world);
      await world.bot.kill();
      await dueNow(world);
      await killIn(world, { method: "chat.postMessage", action }, () => world.restart());
      await world.slack.until(() => digests(world)[0]);
      const client = new Redis(world.redis.path);
      const nextDue = async (): Promise<number> => {
        const [key = ""] = await client.keys("*:digests");
        return (
          Object.values(await client.hgetall(key)).map((json) => JSON.parse(json).dueAt as number)[0] ?? 0
        );
      };
      await eventually(async () => (await nextDue()) > Date.now() + WEEK_MS - 120_000);
      client.disconnect();
      expect(digests(world)).toHaveLength(1);
    },
  );
