import { expect, test } from "vitest";
import type { Slack, SlackMessage } from "../../sim/slack/server.ts";
import { cardShows, cardsOf, payloadOf, textOf } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const told = (slack: Slack, channel: string): SlackMessage[] =>
  slack.messages(channel).filter((message) => payloadOf(message)?.role === "notice");

const isAnnouncement = (message: SlackMessage): boolean =>
  textOf(message).includes("subscribed this channel");

/** News of runs. */
const noticesIn = (slack: Slack, channel = "dev"): SlackMessage[] =>
  told(slack, channel).filter((message) => !isAnnouncement(message));

const type = (world: World, text: string, channel = "dev") =>
  world.slack.command("alice", channel, "/arga", text);

const noticeSays = (world: World, what: string, channel = "dev"): Promise<SlackMessage> =>
  world.slack.until(() => noticesIn(world.slack, channel).find((message) => textOf(message).includes(what)));

/** The run at Arga whose card is the newest. */
const newestAtArga = (world: World): string => [...world.arga.runs.keys()].at(-1) ?? "";

concurrent(
  "a failure is told once in each channel that subscribed, and can be run again from there",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack, arga } = world;
    expect(JSON.stringify((await type(world, "notify on failed")).shown)).toContain("Subscribed:");
    await type(world, "notify on failed ready", "ops");
    await type(world, "twins stripe 60");
    await cardShows(world, "run.credentials");
    await noticeSays(world, "— ready", "ops");
    arga.control.fail(newestAtArga(world), "the disk is full");

    const notice = await noticeSays(world, "failed");
    const [card] = cardsOf(world);
    expect(textOf(notice)).toContain("the disk is full");
    expect(textOf(notice)).toContain(`/p${card?.ts.replace(".", "")}|card>`);
    expect(textOf(notice)).not.toContain(`<@${slack.user("alice").id}>`);
    expect(payloadOf(notice)).toMatchObject({
      role: "notice",
      run_id: payloadOf(card as SlackMessage)?.run_id,
    });
    expect(notice.thread_ts).toBeUndefined();
    await noticeSays(world, "failed", "ops");

    await slack.press("alice", notice, "run.rerun");
    await slack.until(() => cardsOf(world).length === 2);
    await world.restart();
    await cardShows(world, "run.credentials");
    expect(noticesIn(slack)).toHaveLength(1);
    for (const channel of ["dev", "ops"]) expect(told(slack, channel).filter(isAnnouncement)).toHaveLength(1);
    expect(noticesIn(slack, "ops").filter((message) => textOf(message).includes("failed"))).toHaveLength(1);
  },
);

concurrent(
  "what is pending when the bot is killed is told by the next one, once",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { provisionSeconds: 3_600 } });
    await type(world, "notify on");
    await type(world, "twins stripe 60");
    await world.slack.until(() => newestAtArga(world) || undefined);
    world.arga.control.fail(newestAtArga(world), "the disk is full");
    await cardShows(world, ": failed");
    await world.bot.kill();
    await world.restart();
    await noticeSays(world, "the disk is full");
    expect(noticesIn(world.slack)).toHaveLength(1);
  },
);

concurrent("a sample shows whether notices arrive, and the list says why not", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  await type(world, "notify test");
  await noticeSays(world, "This is a sample");
  expect(JSON.stringify((await type(world, "notify test", "lonely")).shown)).toContain("on its way");
  await world.slack.until(() =>
    world.slack.log.some(({ method, error }) => method === "chat.postMessage" && error === "not_in_channel"),
  );
  await expect
    .poll(async () => JSON.stringify((await type(world, "notify list", "lonely")).shown))
    .toContain("I'm not in this channel");
});

concurrent("the form adds and removes", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { slack } = world;
  await type(world, "notify");
  const view = await slack.until(() => slack.views("alice")[0]);
  const wrong = await slack.submit("alice", view.id, { repo: "not a repository" });
  expect(Object.keys(wrong.shown?.errors ?? {})).toEqual(["repo"]);
  const added = await slack.submit("alice", view.id, { repo: "acme/shop", events: ["failed"] });
  expect(JSON.stringify(added.shown?.view)).toContain("acme/shop");
  await slack.pressInView("alice", view.id, "notify.remove");
  await slack.until(() =>
    JSON.stringify(slack.views("alice")[0]?.blocks).includes("gets no run notifications"),
  );
  expect(JSON.stringify((await type(world, "notify list")).shown)).toContain("gets no run notifications");
});

concurrent(
  "a test run that was started elsewhere is told where somebody asked for such runs",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 1 } });
    const { arga } = world;
    await type(world, "notify on --all");
    await type(world, "notify on", "ops");
    const { id } = arga.control.tests.start({ prompt: "Login works", startUrl: "https://shop.example" });
    arga.control.tests.fail(id, "no button to press");
    const notice = await noticeSays(world, "started elsewhere");
    expect(textOf(notice)).toContain(id.slice(0, 8));
    expect(noticesIn(world.slack)).toHaveLength(1);
    expect(noticesIn(world.slack, "ops")).toEqual([]);
  },
);

concurrent("a storm of ends is one message", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { arga: { speed: 1 } });
  const { tests } = world.arga.control;
  await type(world, "notify on --all");
  const begun = Array.from({ length: 12 }, (_, n) =>
    tests.start({ prompt: `Number ${n} works`, startUrl: "https://shop.example" }),
  );
  for (const { id } of begun) tests.fail(id, "no button to press");
  const digest = await noticeSays(world, "12 failed");
  for (const { id } of begun) expect(textOf(digest)).toContain(id.slice(0, 8));
  expect(noticesIn(world.slack)).toHaveLength(1);
});
