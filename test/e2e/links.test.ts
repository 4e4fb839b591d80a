import { expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import { cardShows, cardsOf, payloadOf, pickAndConfirm, textOf, threadSays } from "../support/life.ts";
import { answerAlone, asInstalled, bringAgain, inDirect, toldAlone, wordsOf } from "../support/talk.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const pageOf = (id: string): string => `https://app.argalabs.com/runs/${id}`;

const theRun = (world: World): string => [...world.arga.runs.keys()][0] ?? "";

/** The previews under a message, as it is now. */
const previews = (world: World, { channel, ts }: SlackMessage): string =>
  JSON.stringify(world.slack.messages(channel).find((one) => one.ts === ts)?.attachments ?? []);

const unfurls = (world: World) =>
  world.slack.log.filter(({ kind, method }) => kind === "api" && method === "chat.unfurl");

concurrent(
  "a link to a run shows its state and its buttons, and the buttons work",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, asInstalled);
    const { slack } = world;
    await slack.command("alice", "dev", "/arga", "twins stripe 60");
    const card = await cardShows(world, "run.credentials");
    const id = String(payloadOf(card)?.run_id);
    const url = `${pageOf(theRun(world))}?tab=logs&x=1`;
    const shared = await slack.postAsUser("carol", "ops", `what is ${url}?`);
    await slack.until(() => previews(world, shared.message).includes("run.extend"));
    expect(previews(world, shared.message)).toContain(`run:${id}:1`);
    expect(previews(world, shared.message)).toContain("Stripe twin");
    expect(previews(world, shared.message)).not.toContain(`<@${slack.user("alice").id}>`);
    expect(previews(world, shared.message)).toMatch(
      new RegExp(`<https?://[^|]*/archives/${card.channel}/p${card.ts.replace(".", "")}\\|The card>`),
    );
    // Whoever may not, may not there either.
    const refused = await answerAlone(world, "carol", () =>
      slack.press("carol", shared.message, "run.teardown"),
    );
    expect(refused.text).toContain("only alice");
    await pickAndConfirm(world, shared.message, "lock");
    await threadSays(world, "Locked by alice");
    // Brought again, it shows what is true by then, and once.
    await bringAgain(world, shared);
    await slack.until(() => previews(world, shared.message).includes("locked (no public URLs)"));
    expect(previews(world, shared.message).split('"id":')).toHaveLength(2);
  },
);

concurrent("links in one message are told apart, unknown ones are left alone", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const { slack } = world;
  for (const twin of ["stripe", "slack"]) await slack.command("alice", "dev", "/arga", `twins ${twin} 60`);
  await slack.until(
    () => cardsOf(world).filter((one) => textOf(one).includes("run.credentials")).length === 2,
  );
  const [one = "", two = ""] = [...world.arga.runs.keys()];
  const text = `${pageOf(one)} ${pageOf(two)} ${pageOf("5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10")}`;
  const { message } = await slack.postAsUser("bob", "dev", text);
  await slack.until(() => previews(world, message).includes(":2"));
  expect(unfurls(world)).toHaveLength(1);
  expect(slack.messages("dev").at(-1)?.attachments).toHaveLength(2);
  await slack.postAsUser("bob", "dev", `${pageOf(one.slice(0, 8))} and https://app.argalabs.com/settings`);
  await slack.postAsUser("bob", "dev", pageOf(two));
  await slack.until(() => unfurls(world).length === 2);
  expect(slack.messages("dev").at(-2)?.attachments).toBeUndefined();
});

concurrent(
  "a run of a private channel shows there alone, whoever posts its link",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, asInstalled);
    const { slack } = world;
    await slack.command("alice", "secret", "/arga", "twins stripe 60");
    await slack.until(() => cardsOf(world, "secret").find((one) => textOf(one).includes("run.credentials")));
    const url = pageOf(theRun(world));
    const elsewhere = await slack.postAsUser("alice", "dev", url);
    const draft = await slack.compose("alice", "dev", url);
    const there = await slack.postAsUser("alice", "secret", url);
    await slack.until(() => previews(world, there.message).includes("run.credentials"));
    expect(previews(world, elsewhere.message)).toBe("[]");
    expect(draft.previews()).toEqual([]);
    expect(unfurls(world)).toHaveLength(1);
  },
);

concurrent(
  "a link that is still being written shows nothing: who will read it is not known",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, asInstalled);
    await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
    await cardShows(world, "run.credentials");
    const draft = await world.slack.compose("bob", "dev", `see ${pageOf(theRun(world))}`);
    // The same link, sent: what was asked before it was answered by then.
    await world.slack.postAsUser("bob", "dev", `see ${pageOf(theRun(world))}`);
    await world.slack.until(() => world.slack.log.some(({ method }) => method === "chat.unfurl"));
    expect(draft.previews()).toEqual([]);
  },
);

concurrent(
  "who opens the direct messages is welcomed once, who invites the bot is told alone",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, asInstalled);
    const { slack } = world;
    await slack.openHome("alice");
    await slack.openMessages("alice");
    const welcome = await slack.until(() => inDirect(world, "alice")[0]);
    for (const words of ["/arga twins stripe 60", "/arga test ", "/arga validate ", "/arga help"])
      expect(wordsOf(welcome)).toContain(words);
    await world.restart();
    await slack.openMessages("alice");
    await slack.openMessages("bob");
    await slack.until(() => inDirect(world, "bob").length === 1);
    expect(inDirect(world, "alice")).toHaveLength(1);

    await slack.invite("alice", "dev", "carol");
    const told = await answerAlone(world, "alice", () => slack.invite("alice", "lonely"));
    expect(wordsOf(told)).toContain("/arga twins stripe 60");
    expect(told.channel).toBe(slack.channel("lonely").id);
    await slack.command("alice", "lonely", "/arga", "twins stripe 60");
    await slack.until(() => cardsOf(world, "lonely")[0]);
    expect(toldAlone(world, "alice")).toHaveLength(1);
  },
);
