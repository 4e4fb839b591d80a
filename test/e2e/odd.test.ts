import { expect, test } from "vitest";
import { cardShows, textOf, theCard, threadOf, threadSays } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const type = (world: World, text: string) => world.slack.command("alice", "dev", "/arga", text);

const STEPS = ["open the shop", "add a mug", "add a plate", "add a spoon", "check out", "read the receipt"];
const PROMPT = STEPS.join(", ");

/** How often the thread tells that this step is over. */
const told = (world: World, step: string): number =>
  threadOf(world)
    .flatMap(({ text }) => text.split("\n"))
    // The headings name the whole task.
    .filter((line) => line.includes(step) && !line.includes(" · ")).length;

concurrent.for([
  { name: "with ids, resumed", ids: true, afterEvents: 2 },
  { name: "with ids, cut at each event", ids: true, afterEvents: 1 },
  { name: "without ids, begun anew each time", ids: false, afterEvents: 4 },
])(
  "a stream $name, loses and repeats nothing in the thread",
  async ({ ids, afterEvents }, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, {
      arga: { speed: 4, runSeconds: 60, dialect: { streamIds: ids } },
    });
    world.arga.fault({ route: "GET /validate/{run_id}/results", stream: { kind: "cut", afterEvents } });
    await type(world, `validate https://shop.example.com "${PROMPT}"`);
    await threadSays(world, ": passed");
    // The message about steps is edited once more after the end.
    await world.slack.until(() => STEPS.every((step) => told(world, step) > 0));
    expect(STEPS.map((step) => told(world, step))).toEqual(STEPS.map(() => 1));
    await cardShows(world, `${STEPS.length} steps`);
    const openings = world.arga.requests.filter(({ route }) => route === "GET /validate/{run_id}/results");
    expect(openings.length).toBeGreaterThan(2);
  },
);

concurrent.for(["test", "validate"])(
  "a %s run with words and shapes that no source has is shown as it is, and ends",
  async (command, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 8, runSeconds: 40 } });
    await type(world, `${command} https://shop.example.com "odd status, odd events, open the shop"`);
    await cardShows(world, "awaiting review");
    const card = await cardShows(world, ": passed");
    expect(textOf(card)).not.toMatch(/undefined|\[object|NaN/);
    for (const message of threadOf(world)) expect(textOf(message)).not.toMatch(/undefined|\[object|NaN/);
  },
);

concurrent.for(["test", "validate"])(
  "a %s run that fails with a page of HTML shows it as text, which pings and links nothing",
  async (command, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 8, runSeconds: 40 } });
    await type(world, `${command} https://shop.example.com "open the shop, html error"`);
    const card = await cardShows(world, ": failed");
    const end = await threadSays(world, ": failed");
    expect(textOf(card)).toContain("502 Bad Gateway");
    for (const message of [card, end]) {
      expect(message.text).not.toMatch(/<!channel>|<@U00000001>/);
      for (const words of mrkdwnIn(message.blocks)) expect(words).not.toMatch(/<!channel>|<@U00000001>|<a /);
    }
  },
);

/** Every text that Slack would read as markup. */
function mrkdwnIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = type === "mrkdwn" && typeof text === "string" ? [text] : [];
  return [...own, ...Object.values(value).flatMap(mrkdwnIn)];
}

concurrent.for(["test", "validate"])(
  "a %s run whose result has five megabytes ends in a card like any other",
  async (command, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 4, runSeconds: 20 } });
    await type(world, `${command} https://shop.example.com "huge results, open the shop"`);
    await cardShows(world, ": passed");
    await threadSays(world, ": passed");
    expect(JSON.stringify(theCard(world).blocks).length).toBeLessThan(10_000);
    expect(threadOf(world).length).toBeLessThan(40);
  },
);

concurrent.for(["test", "validate"])(
  "a %s run without any results ends in a card like any other",
  async (command, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 8, runSeconds: 20 } });
    await type(world, `${command} https://shop.example.com "empty results"`);
    await cardShows(world, ": passed");
    await threadSays(world, ": passed");
  },
);

concurrent.for(["test", "validate"])(
  "a %s run that ends with a word nobody knows shows that word",
  async (command, { onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 8, runSeconds: 20 } });
    await type(world, `${command} https://shop.example.com "odd end"`);
    await cardShows(world, "superseded");
  },
);
