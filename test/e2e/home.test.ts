import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { View } from "../../sim/slack/server.ts";
import { cardsOf, isTaken, homeShows as shows, textOf } from "../support/life.ts";
import { startWorld, type World, type WorldOptions } from "../support/world.ts";

let world: World;

const homeText = (user = "alice"): string => JSON.stringify(world.slack.home(user)?.blocks ?? []);

const homeShows = (what: string | RegExp, user?: string): Promise<View> => shows(world, what, user);

const open = async (user = "alice"): Promise<void> => {
  expect(isTaken(await world.slack.openHome(user))).toBe(true);
};

const type = async (text: string, user = "alice", channel = "dev"): Promise<void> => {
  expect(isTaken(await world.slack.command(user, channel, "/arga", text))).toBe(true);
};

const press = async (actionId: string, choice = {}, user = "alice"): Promise<void> => {
  const view = world.slack.home(user);
  if (!view) throw new Error("there is no Home");
  expect(isTaken(await world.slack.pressInView(user, view.id, actionId, choice))).toBe(true);
};

const published = () => world.slack.log.filter(({ method }) => method === "views.publish");
const blockOf = (view: View, actionId: string): string => {
  const block = view.blocks.find((each) => JSON.stringify(each).includes(`"${actionId}"`));
  return String(block?.block_id);
};

/** A workspace of this part's own. */
const inWorld = (options: WorldOptions = {}): void => {
  beforeAll(async () => {
    world = await startWorld(options);
  });
  afterAll(() => world.stop());
};

describe("a Home", () => {
  inWorld({ arga: { plan: "paid" } });

  test("shows what is known at once, then what Arga says", async () => {
    await open();
    await homeShows("You have nothing running");
    const text = JSON.stringify((await homeShows("*Arga*  connected")).blocks);
    expect(text).toContain("*Plan*  paid");
    expect(text).toContain('"action_id":"tests.run"');
    expect(text).toContain("*Slack*  connected");
    expect(text).toContain("*Redis*  connected");
    // Opened again, it is shown again, whatever Slack kept of it.
    const before = published().length;
    await open();
    await world.slack.until(() => published().length > before);
  });

  test("opens the forms", async () => {
    for (const button of ["home.twins", "home.test", "tests.run"]) {
      const view = await homeShows(`"${button}"`);
      await press(button, { blockId: blockOf(view, button) });
      const form = await world.slack.until(() => world.slack.views("alice").at(-1));
      expect(JSON.stringify(form)).toContain(button === "home.twins" ? "Start twins" : "Run a test");
      await world.slack.closeView("alice", form.id, { all: true });
    }
  });

  test("shows a run to its requester with buttons, to those who look without, and takes it through its life", async () => {
    await open("bob");
    await homeShows("No one else has anything running", "bob");
    await type("twins stripe 60");
    const ready = await homeShows('"run.credentials"');
    expect(JSON.stringify(ready.blocks)).toMatch(/ends <!date\^\d+\^\{ago\}/);
    const theirs = await homeShows(/Stripe twin>\* — ready/, "bob");
    expect(JSON.stringify(theirs.blocks)).toContain("for alice");
    expect(JSON.stringify(theirs.blocks)).not.toContain('"run.');

    await press("run.extend", { value: "120" });
    await homeShows("extended. It now ends");
    await press("run.teardown");
    await homeShows("You have nothing running");
    await homeShows(/Recent results.*torn down.*for alice/, "bob");
  });

  test("says what a press is answered with, to its presser alone", async () => {
    const blockId = blockOf(await homeShows('"run.rerun"'), "run.rerun");
    await press("run.rerun", { blockId });
    await press("run.rerun", { blockId });
    await homeShows("was started again just now");
    await homeShows(/Stripe twin>\* — ready/);
    expect(cardsOf(world)).toHaveLength(2);
    expect(homeText("bob")).not.toContain("was started again just now");
    await press("run.teardown");
    await homeShows("You have nothing running");
  });

  test("does not show what is hidden to others", async () => {
    await type("twins stripe 60", "alice", "dm:alice");
    await homeShows('"run.credentials"');
    await homeShows("No one else has anything running", "bob");
    await press("run.teardown");
    await homeShows("You have nothing running");
    expect(homeText("bob")).not.toContain("Recent results · ");
  });

  test("has pages, and shows a burst of changes in a few views", async () => {
    const before = published().length;
    const begun = Date.now();
    for (let n = 0; n < 6; n++) await type(`twins stripe ${30 + n}`);
    await homeShows("Your runs · 1 to 5 of 6");
    await press("home.page.next");
    await homeShows("Your runs · 6 to 6 of 6");
    await press("home.page.previous");
    await homeShows("Your runs · 1 to 5 of 6");
    const isReady = (): boolean =>
      cardsOf(world).filter((card) => textOf(card).includes('"run.credentials"')).length === 6;
    await world.slack.until(isReady);
    // Of two who look, each sees one in two seconds at the most, and what they asked for.
    const seconds = (Date.now() - begun) / 1000;
    expect(published().length - before).toBeLessThanOrEqual(seconds + 6);
  });

  test("was never refused by Slack, and nothing was sent to nowhere", () => {
    const failed = world.slack.log.filter(({ kind, ok }) => kind === "api" && !ok);
    expect(failed.filter(({ method }) => method === "views.publish")).toEqual([]);
    expect(failed.filter(({ method }) => method === "chat.postEphemeral")).toEqual([]);
  });
});

describe("in trouble", () => {
  inWorld();

  test("a Home says that Arga is away, and that it is back", async () => {
    world.arga.fault({ status: 503 });
    await open();
    await homeShows(":warning: Trouble with Arga since");
    world.arga.clearFaults();
    await homeShows("*Arga*  connected");
  });

  test("a Home says that Redis is away", async () => {
    await world.redis.kill();
    await open();
    await homeShows("Redis isn't answering");
    await world.redis.start();
    await world.bot.ready();
    await open();
    await homeShows("*Redis*  connected");
  });
});
