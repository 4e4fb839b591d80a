import { expect, test } from "vitest";
import { cardShows, cardsOf, textOf } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

/** Buttons that run a whole command, in answers that one person alone sees. */

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** What alice alone is told of a command. */
async function told(world: World, text: string, channel = "dev") {
  const { slack } = world;
  const before = slack.ephemerals("alice", channel).length;
  await slack.command("alice", channel, "/arga", text);
  return await slack.until(() => slack.ephemerals("alice", channel)[before]);
}

concurrent(
  "`/arga` alone fits on a screen, with a button for each first step",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const help = await told(world, "");
    const [section] = help.blocks as { text: { text: string } }[];
    expect(section?.text.text.split("\n")).toHaveLength(5);
    await world.slack.press("alice", help, "command.run.2");
    await world.slack.until(() =>
      world.slack.ephemerals("alice", "dev").some(({ text }) => /nothing|Nothing/.test(text)),
    );
    await world.slack.press("alice", help, "home.twins");
    await world.slack.until(() => world.slack.views("alice").length > 0);
  },
);

concurrent(
  "a command that was nearly right is run by its button, with all that was typed",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const refused = await told(world, 'twin stripe 90 --prompt "two customers"');
    expect(refused.text).toContain("Did you mean `twins`");
    await world.slack.press("alice", refused, "command.run.0");
    await cardShows(world, "run.credentials");
    const [create] = world.arga.requests.filter(({ route }) => route === "POST /twin-runs");
    expect(create?.body).toEqual({ twins: ["stripe"], ttl_minutes: 90, scenario_prompt: "two customers" });
  },
);

concurrent(
  "a flag that was nearly right is run by its button, with all that was typed",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const refused = await told(world, 'twins stripe 90 --promt "two customers, not “--promt”" --privat');
    expect(refused.text).toContain("Did you mean `--prompt`?");
    await world.slack.press("alice", refused, "command.run.0");
    await cardShows(world, "run.credentials");
    const [create] = world.arga.requests.filter(({ route }) => route === "POST /twin-runs");
    expect(create?.body).toEqual({
      twins: ["stripe"],
      ttl_minutes: 90,
      scenario_prompt: "two customers, not “--promt”",
      public: false,
    });
  },
);

concurrent("a twin that was nearly right, too", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const refused = await told(world, "twins strpe 60");
  await world.slack.press("alice", refused, "command.run.0");
  await cardShows(world, "run.credentials");
});

concurrent("a repository without a branch is asked about", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const asked = await told(world, "validate acme/shop");
  expect(textOf({ ...asked, blocks: asked.blocks } as never)).toContain(
    '"value":"/arga validate acme/shop develop"',
  );
  await world.slack.press("alice", asked, "command.run.0");
  await cardShows(world, "acme/shop, branch main");
});

concurrent(
  "where the bot isn't in the channel, one tries again by a button once it is",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, {
      slack: { channels: [{ name: "dev", members: ["alice", "bob"], bot: false }] },
    });
    const refused = await told(world, 'twins stripe 60 --prompt "two customers"');
    expect(refused.text).toContain("/invite");
    expect(cardsOf(world)).toEqual([]);
    await world.slack.invite("alice", "dev");
    await world.slack.press("alice", refused, "command.run.0");
    await cardShows(world, "run.credentials");
    expect(world.arga.runs.size).toBe(1);
  },
);
