import { expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import {
  applied,
  cardShows,
  cardsOf,
  modalShows,
  payloadOf,
  press,
  textOf,
  threadOf,
  threadSays,
  type,
} from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

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
    await modalShows(world, "newest first");

    await press(world, card, "run.rerun");
    const again = await world.slack.until(() => cardsOf(world)[1]);
    expect(textOf(again)).toContain("(passed)");
    await world.slack.until(() => isAgainRunning(world));
    finish(world);
    await world.slack.until(() => textOf(cardsOf(world)[1] as SlackMessage).includes("passed again"));
  },
);
