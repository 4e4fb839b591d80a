import { expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import { cardShows, homeShows, isTaken, modalShows, textOf, threadOf, threadSays } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

const concurrent = test.concurrent;

const created = ({ arga }: World) =>
  arga.requests
    .filter(({ route, applied }) => route === "POST /twin-runs" && applied)
    .map(({ body }) => body);

/** Fills in alice's settings, and returns what is wrong with them. */
async function choose(world: World, values: Record<string, unknown>): Promise<Record<string, string>> {
  const { slack } = world;
  await slack.openHome("alice");
  const home = await homeShows(world, "home.settings");
  await slack.pressInView("alice", home.id, "home.settings");
  const { id } = await modalShows(world, "Your settings");
  const { shown } = await slack.submit("alice", id, values);
  if (shown?.errors) await slack.closeView("alice", id);
  return shown?.errors ?? {};
}

concurrent("a person's own settings hold for what they start from then on", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { arga: { plan: "paid" } });
  const { slack } = world;
  expect(
    await choose(world, {
      remind: "3m",
      minutes: "90",
      end: "message",
      quiet_from: "22:00",
      quiet_until: "08:00",
      default_channel: slack.channel("dev").id,
      presets: "Checkout: stripe,slack 30 --private\nPlain: github",
    }),
  ).toEqual({});
  const home = await homeShows(world, "Checkout");
  await slack.pressInView("alice", home.id, "home.preset.0");
  const form = await modalShows(world, "Start twins");
  expect(isTaken(await slack.submit("alice", form.id, {}))).toBe(true);
  await cardShows(world, "run.credentials");
  expect(created(world)).toEqual([
    expect.objectContaining({ twins: ["stripe", "slack"], ttl_minutes: 30, public: false }),
  ]);
  await slack.command("alice", "dev", "/arga", "twins github");
  await slack.until(() => created(world).length === 2);
  expect(created(world)[1]).toMatchObject({ twins: ["github"], ttl_minutes: 90 });
  // Others have their own.
  await slack.command("bob", "dev", "/arga", "twins github");
  await slack.until(() => created(world).length === 3);
  expect(created(world)[2]).toMatchObject({ ttl_minutes: 60 });
});

concurrent(
  "what is wrong with settings is said under its field, and nothing is kept",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    expect(await choose(world, { remind: "soon" })).toEqual({
      remind: expect.stringContaining("isn't a time"),
    });
    expect(await choose(world, { quiet_from: "22:00" })).toEqual({
      quiet_until: expect.stringContaining("need"),
    });
    expect(await choose(world, { presets: "stripe" })).toEqual({
      presets: expect.stringContaining("Write a preset"),
    });
    expect(await choose(world, { presets: "A: stripe 9000" })).toEqual({
      presets: expect.stringContaining("too long"),
    });
    expect(await choose(world, { presets: "A: stripe\na: slack" })).toEqual({
      presets: expect.stringContaining("same name"),
    });
    expect(JSON.stringify(world.slack.home("alice"))).not.toContain("home.preset");
  },
);

concurrent(
  "a preset fills in a form that was begun, and what is wrong then is said there",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "paid" } });
    const { slack } = world;
    await choose(world, { presets: "Checkout: stripe,slack 30" });
    await homeShows(world, "Checkout");
    await slack.command("alice", "dev", "/arga", "twins");
    const form = await modalShows(world, "form.preset");
    await slack.pressInView("alice", form.id, "form.preset.0");
    await modalShows(world, '"initial_option":{"value":"30m"');
    const wrong = await slack.submit("alice", form.id, { "form.time": "9000" });
    const [field, words] = Object.entries(wrong.shown?.errors ?? {})[0] ?? [];
    expect(field).toMatch(/^time:/);
    expect(words).toContain("too long");
    expect(isTaken(await slack.submit("alice", form.id, { "form.time": "45" }))).toBe(true);
    await slack.until(() => created(world).length === 1);
    expect(created(world)[0]).toMatchObject({ twins: ["stripe", "slack"], ttl_minutes: 45 });
  },
);

concurrent("who wants a direct message at the end gets one, and no mention", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, {
    arga: { provisionSeconds: 60 },
  });
  const { slack } = world;
  await choose(world, { end: "message" });
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.teardown");
  await slack.until(() => world.arga.runs.size === 1);
  const [run] = [...world.arga.runs.values()];
  world.arga.control.fail(String(run?.runId), "the disk is full");
  await threadSays(world, "the disk is full");
  const end = threadOf(world).find((message) => textOf(message).includes("the disk is full"));
  expect(textOf(end as SlackMessage)).not.toContain("<@");
  const im = await slack.until(() =>
    slack.messages("dm:alice").find((message) => textOf(message).includes("the disk is full")),
  );
  expect(textOf(im)).toContain("|Card>");
});
