import { expect, test } from "vitest";
import { applied, cardShows, modalShows, press, textOf, theCard, threadSays, type } from "../support/life.ts";
import { freshWorld } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** How runs of each kind fail, are cancelled and torn down, and how saved tests are run. */

concurrent.for([
  { name: "test", words: 'test https://shop.example.com "open the shop, fail here"' },
  { name: "url", words: 'validate https://shop.example.com "open the shop, fail here"' },
  { name: "pr", words: 'validate acme/shop main --notes "open the shop, fail here"' },
])(
  "a $name run that fails says which step failed and why, on the card and in the thread",
  async ({ words }, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 8, runSeconds: 24 } });
    await type(world, words);
    const card = await cardShows(world, ": failed");
    expect(textOf(card)).toContain("Failed step");
    expect(textOf(card)).toContain("fail here");
    const end = await threadSays(world, ": failed");
    expect(textOf(end)).toContain("fail here");
    expect(textOf(end)).toMatch(/not what was expected|did not do what was expected/i);
  },
);

concurrent.for(["url", "agent"])(
  "a run of the kind %s is cancelled by its button, once",
  async (kind, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 1, runSeconds: 600 } });
    await type(world, kind === "url" ? "validate https://shop.example.com hang" : "agent acme/shop hang");
    const card = await cardShows(world, '"run.cancel"');
    await press(world, card, "run.cancel", "bob");
    await world.slack.until(() => world.slack.ephemerals("bob", "dev").length > 0);
    expect(applied(world, "POST /validate/{run_id}/cancel")).toHaveLength(0);
    await press(world, theCard(world), "run.cancel");
    await cardShows(world, ": cancelled");
    const end = await threadSays(world, ": cancelled by alice");
    // Nobody is pinged for what they did themselves.
    expect(end.text).not.toContain("<@");
    expect(world.slack.ephemerals("alice", "dev")).toEqual([]);
    expect(applied(world, "POST /validate/{run_id}/cancel")).toHaveLength(1);
  },
);

concurrent(
  "a sandbox is provisioned, shows its app and credentials, and is torn down",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 10, provisionSeconds: 20 } });
    await type(world, "sandbox acme/shop main stripe 30");
    const ready = await cardShows(world, '"run.credentials"');
    expect(applied(world, "POST /sandbox-runs")[0]?.body).toEqual({
      repo: "acme/shop",
      branch: "main",
      twins: ["stripe"],
      ttl_minutes: 30,
    });
    expect(textOf(ready)).toContain("preview.argalabs.com");
    await threadSays(world, "ready");
    await press(world, ready, "run.credentials");
    await modalShows(world, "STRIPE");
    await press(world, ready, "run.logs");
    await modalShows(world, "newest first");
    await press(world, ready, "run.teardown");
    await cardShows(world, ": torn down");
    await threadSays(world, "torn down");
  },
);

concurrent(
  "the logs of a sandbox are read page by page, and their errors alone",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 10, provisionSeconds: 1 } });
    const { slack } = world;
    await type(world, "sandbox acme/shop main stripe 30");
    const ready = await cardShows(world, '"run.logs"');
    const [sandbox] = [...world.arga.sandboxes.values()];
    const timestamp = new Date().toISOString();
    for (let n = 0; n < 45; n++) sandbox?.logs.push({ timestamp, type: "deploy", message: `line ${n}.` });
    sandbox?.logs.push({ timestamp, type: "error", message: "the shop fell over" });
    await press(world, ready, "run.logs");
    const { id } = await modalShows(world, "page 1 of 2");
    await slack.pressInView("alice", id, "logs.page.1");
    const older = await modalShows(world, "page 2 of 2");
    expect(JSON.stringify(older)).toContain("line 0.");
    expect(JSON.stringify(older)).not.toContain("the shop fell over");
    await slack.pressInView("alice", id, "logs.errors");
    const errors = await modalShows(world, "logs.all");
    expect(JSON.stringify(errors)).toContain("the shop fell over");
    expect(JSON.stringify(errors)).not.toMatch(/line \d+\./);
    await slack.pressInView("alice", id, "logs.all");
    await modalShows(world, "page 1 of 2");
  },
);

concurrent(
  "saved tests are listed with Run buttons, and run by one and by command",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
    const [saved] = [...world.arga.savedTests.values()];
    if (!saved) throw new Error("the local Arga has no saved test");
    await type(world, "tests");
    const list = await world.slack.until(() =>
      world.slack
        .ephemerals("alice", "dev")
        .find((message) => JSON.stringify(message).includes('"tests.run"')),
    );
    expect(JSON.stringify(list)).toContain(saved.name);
    await world.slack.press("alice", list, "tests.run", { blockId: `test:${saved.id}` });
    await cardShows(world, saved.name);
    await cardShows(world, ": passed");
    expect(
      applied(world, "POST /tests/{id}/run").length + applied(world, "POST /tests/{test_id}/run").length,
    ).toBe(1);
  },
);
