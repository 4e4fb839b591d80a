import { expect, test } from "vitest";
import { cardShows, isTaken, payloadOf, textOf, theCard, threadOf, threadSays } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** Runs that others may act on like their requester, and finished tests that are kept as saved ones. */

const idOfRun = (world: World): string => String(payloadOf(theCard(world))?.run_id);

const modalOf = (world: World, who: string, callback: string) =>
  world.slack.until(() =>
    world.slack.views(who).find((view) => JSON.stringify(view).includes(`"callback_id":"${callback}"`)),
  );

const answersTo = (world: World, who: string): string[] =>
  world.slack.ephemerals(who, "dev").map(({ text }) => text);

concurrent(
  "those with whom a run is shared may do what its requester may, and nobody else",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    await slack.command("alice", "dev", "/arga", "twins stripe 60");
    await cardShows(world, "run.credentials");
    await slack.press("bob", theCard(world), "run.credentials");
    await slack.until(() =>
      answersTo(world, "bob").some((text) => text.includes("can't see the credentials")),
    );
    // What only its reader sees doesn't offer what they may not do.
    const statusFor = async (who: string): Promise<string> =>
      JSON.stringify((await slack.command(who, "dev", "/arga", `status ${idOfRun(world)}`)).shown?.blocks);
    expect(await statusFor("bob")).toContain("run.extend");
    expect(await statusFor("bob")).not.toMatch(/run\.teardown|run\.credentials|run\.more/);
    expect(await statusFor("alice")).toContain("run.teardown");

    // Whoever may not act on it may not share it either, least of all with themselves.
    await slack.command("bob", "dev", "/arga", `share ${idOfRun(world)} <@${slack.user("bob").id}|bob>`);

    const typed = await slack.command(
      "alice",
      "dev",
      "/arga",
      `share ${idOfRun(world)} <@${slack.user("bob").id}|bob>`,
    );
    expect(typed.shown?.text).toContain("is shared with bob");
    const told = await threadSays(world, "Shared with bob by alice");
    expect(textOf(told)).not.toContain("<@");

    await slack.press("bob", theCard(world), "run.credentials");
    await slack.until(() => JSON.stringify(slack.views("bob")).includes("STRIPE"));
    await slack.press("carol", theCard(world), "run.teardown");
    await slack.until(() => answersTo(world, "carol").some((text) => text.includes("can't tear down")));
    await slack.press("bob", theCard(world), "run.teardown");
    const end = await threadSays(world, "torn down by bob");
    expect(end.text).toContain(`<@${slack.user("alice").id}>`);
    expect(threadOf(world).filter(({ text }) => text.includes("Shared with"))).toHaveLength(1);
  },
);

concurrent("a run is shared from its menu, with colleagues alone", async ({ onTestFinished }) => {
  const users = ["alice", "bob", { name: "eve", home: { team: "T0OTHER" } }];
  const channels = [{ name: "dev", members: ["alice", "bob", "eve"] }];
  const world = await freshWorld(onTestFinished, { slack: { users, channels } });
  const { slack } = world;
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.credentials");
  await slack.press("alice", theCard(world), "run.more", { value: "share" });
  const { id } = await modalOf(world, "alice", "run_share");
  const refused = await slack.submit("alice", id, { people: [slack.user("eve").id] });
  expect(JSON.stringify(refused.shown)).toContain("belongs to this workspace");
  expect(isTaken(await slack.submit("alice", id, { people: [slack.user("bob").id] }))).toBe(true);
  await threadSays(world, "Shared with bob by alice");
  // The thread says it: there is no private echo.
  expect(answersTo(world, "alice")).toEqual([]);
});

concurrent("a finished ad hoc test is kept as a saved one, once", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
  const { slack, arga } = world;
  await slack.command("alice", "dev", "/arga", 'test https://shop.example.com "add a mug"');
  await cardShows(world, ": passed");
  const before = arga.savedTests.size;
  await slack.press("alice", theCard(world), "run.more", { value: "save" });
  const { id } = await modalOf(world, "alice", "run_save");
  const [one, other] = [
    slack.submit("alice", id, { name: "Mug" }),
    slack.submit("alice", id, { name: "Mug" }),
  ];
  await Promise.all([one, other]);
  await threadSays(world, "Saved as a test (Mug) by alice");
  const made = [...arga.savedTests.values()].filter(({ name }) => name === "Mug");
  expect(made).toEqual([
    expect.objectContaining({ prompt: "add a mug", startUrl: "https://shop.example.com" }),
  ]);
  expect(arga.savedTests.size).toBe(before + 1);

  await slack.command("alice", "dev", "/arga", `tests save ${idOfRun(world)} "Mug again"`);
  await slack.until(() =>
    answersTo(world, "alice").some((text) => text.includes("saved as a test (Mug again)")),
  );
  const bare = await slack.command("alice", "dev", "/arga", "tests save");
  expect(bare.shown?.text).toContain("/arga tests save k7m2qx");
});

concurrent(
  "a save whose answer was lost isn't made again, and its person is told",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
    const { slack, arga } = world;
    await slack.command("alice", "dev", "/arga", 'test https://shop.example.com "add a mug"');
    await cardShows(world, ": passed");
    arga.fault({ route: "POST /tests", action: "lose", times: 1 });
    await slack.command("alice", "dev", "/arga", `tests save ${idOfRun(world)} Mug`);
    await slack.until(() =>
      answersTo(world, "alice").some((text) => text.includes("Can't tell if I managed to save")),
    );
    expect([...arga.savedTests.values()].filter(({ name }) => name === "Mug")).toHaveLength(1);
  },
);
