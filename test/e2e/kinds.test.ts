import { expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import {
  cardShows,
  cardsOf,
  isTaken,
  payloadOf,
  textOf,
  theCard,
  threadOf,
  threadSays,
} from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const type = async (world: World, text: string): Promise<void> => {
  expect(isTaken(await world.slack.command("alice", "dev", "/arga", text))).toBe(true);
};

const press = async (world: World, card: SlackMessage, actionId: string, who = "alice"): Promise<void> => {
  expect(isTaken(await world.slack.press(who, card, actionId))).toBe(true);
};

const applied = (world: World, route: string) =>
  world.arga.requests.filter((request) => request.route === route && request.applied);

/** What still runs passes now: the test has seen what it wanted to see of it before. */
function finish({ arga: { testRuns, validations, control } }: World): void {
  for (const { id, status } of testRuns.values()) if (status === "running") control.tests.finish(id);
  for (const { runId, status } of validations.values())
    if (status === "running") control.validations.finish(runId);
}

const isAgainRunning = ({ arga: { testRuns, validations } }: World): boolean => {
  const all = [...testRuns.values(), ...validations.values()];
  return all.length === 2 && all.some(({ status }) => status === "running");
};

/** The newest modal that alice sees, once it shows this. */
const viewShows = (world: World, words: string) =>
  world.slack.until(() => world.slack.views("alice").find((view) => JSON.stringify(view).includes(words)));

/** Of each kind: what is typed, what Arga is sent for it, and what the card calls it. */
const KINDS = [
  {
    kind: "test",
    words: 'test https://shop.example.com "open the shop, add a mug, check out" --twins stripe',
    route: "POST /test-runs",
    body: {
      prompt: "open the shop, add a mug, check out",
      start_url: "https://shop.example.com",
      twins: ["stripe"],
    },
    title: "Open the shop, add a mug, check out · shop.example.com",
  },
  {
    kind: "url",
    words: 'validate https://shop.example.com "open the shop, add a mug, check out"',
    route: "POST /validate/url-run",
    body: { url: "https://shop.example.com", prompt: "open the shop, add a mug, check out" },
    title: "Open the shop, add a mug, check out · shop.example.com",
  },
  {
    kind: "pr",
    words: 'validate https://github.com/acme/shop/pull/42 --notes "open the shop, add a mug, check out"',
    route: "POST /validate/pr-run",
    body: {
      repo: "acme/shop",
      pr_url: "https://github.com/acme/shop/pull/42",
      context_notes: "open the shop, add a mug, check out",
      run_type: "pr_run",
    },
    title: "Validation of acme/shop#42",
  },
  {
    kind: "agent",
    words: "agent acme/shop main",
    route: "POST /validate/pr-run",
    body: { repo: "acme/shop", branch: "main", run_type: "agent_run" },
    title: "Agent run on acme/shop, branch main",
  },
];

concurrent.for(KINDS)(
  "a run of the kind $kind lives from the command to its end",
  async ({ kind, words, route, body, title }, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 2, runSeconds: 40 } });
    await type(world, words);

    await cardShows(world, title);
    const running = await cardShows(world, ": running");
    expect(applied(world, route)[0]?.body).toEqual(body);
    expect(payloadOf(running)).toMatchObject({ kind, role: "card" });
    await cardShows(world, '"task_card"');
    finish(world);

    const card = await cardShows(world, ": passed");
    expect(applied(world, route)).toHaveLength(1);
    expect(textOf(card)).toContain('"run.rerun"');
    expect(textOf(card)).toMatch(/\d+ steps? in \d/);
    const end = await threadSays(world, ": passed");
    expect(end.text).toContain(`<@${world.slack.user("alice").id}>`);
    expect(threadOf(world).at(-1)?.ts).toBe(end.ts);
    // All steps are in one message, which may be edited once more.
    expect(threadOf(world)).toHaveLength(2);
    await threadSays(world, ":white_check_mark:");

    await press(world, card, "run.logs");
    await viewShows(world, "newest first");

    await press(world, card, "run.rerun");
    const again = await world.slack.until(() => cardsOf(world)[1]);
    expect(textOf(again)).toContain("(passed)");
    await world.slack.until(() => isAgainRunning(world));
    finish(world);
    await world.slack.until(() => textOf(cardsOf(world)[1] as SlackMessage).includes("passed again"));
  },
);

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
    await viewShows(world, "STRIPE");
    await press(world, ready, "run.logs");
    await viewShows(world, "newest first");
    await press(world, ready, "run.teardown");
    await cardShows(world, ": torn down");
    await threadSays(world, "torn down");
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
