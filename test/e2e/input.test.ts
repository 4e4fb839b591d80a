import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cardShows, cardsOf, payloadOf, theCard, threadSays } from "../support/life.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const WRONG: [string, string, RegExp][] = [
  ["no twin but a time", "twins 60", /Which twin/],
  ["an unknown twin", "twins plaid 60", /no `plaid` twin/],
  ["a twin that is nearly right", "twins strpe 60", /Did you mean `stripe`/],
  ["two twins, one nearly right", "twins stripe,slak 60", /Did you mean `slack`/],
  ["no time at all", "twins stripe 0", /The least is 1 min/],
  ["too long a time", "twins stripe 481", /The most is 8 h/],
  ["a negative time", "twins stripe -5", /isn't a time/],
  ["a broken time", "twins stripe 1.5", /isn't a time/],
  ["two times", "twins stripe 10 20", /two times/],
  ["a word for a time", "twins stripe abc", /no `abc` twin/],
  ["an empty name", "twins ,, 60", /Which twin/],
  ["five thousand characters", `twins ${"x".repeat(5_000)}`, /I read up to 4000/],
  ["a ping", "twins <!channel> 60", /can't be a twin/],
  ["an emoji", "twins :tada: 60", /can't be a twin/],
  ["a real emoji", "twins 🎉 60", /can't be a twin/],
  ["an open quote", 'twins stripe --prompt "two customers', /without a closing one/],
  ["an unknown flag", "twins stripe --scenaro x", /--scenario/],
  ["a flag without its value", "twins stripe --scenario", /needs a value/],
  ["an unknown command", "twinz stripe", /Did you mean `twins`/],
  ["nonsense", "frobnicate", /arga help/],
  ["an id that is none", "status zzzzzz", /no run/],
  ["extend without minutes", "extend abc", /how many minutes/],
  ["teardown without an id", "teardown", /Which run/],
];

describe("what is typed wrong is answered to the person alone, with a command that works, and creates nothing", () => {
  test.each(WRONG)("%s", async (_name, text, words) => {
    const delivery = await world.slack.command("alice", "dev", "/arga", text);
    const said = delivery.shown?.text ?? "";
    expect(said).toMatch(words);
    expect(said).toMatch(/`\/arga /);
    expect(said).not.toContain("<!");
    expect(cardsOf(world)).toHaveLength(0);
    expect(world.arga.runs.size).toBe(0);
  });
});

test("a channel without the bot gets no run, and its person is told to invite it", async () => {
  await world.slack.command("alice", "lonely", "/arga", "twins stripe 60");
  const told = await world.slack.until(() =>
    world.slack.ephemerals("alice").find((message) => message.text.includes("/invite")),
  );
  expect(told.channel).toBe(world.slack.channel("lonely").id);
  expect(world.arga.runs.size).toBe(0);
  expect(world.slack.messages("lonely")).toHaveLength(0);
});

test("an empty command is answered with what there is", async () => {
  const delivery = await world.slack.command("alice", "dev", "/arga", "");
  expect(JSON.stringify(delivery.shown?.blocks)).toContain("/arga twins");
  const help = await world.slack.command("alice", "dev", "/arga", "help twins");
  expect(JSON.stringify(help.shown?.blocks)).toContain("--scenario");
});

test("the catalog lists what Arga offers, and is still there when Arga is away", async () => {
  const shown = async (): Promise<string> => {
    const delivery = await world.slack.command("alice", "dev", "/arga", "catalog");
    return JSON.stringify(delivery.shown ?? "");
  };
  expect(await shown()).toContain("`stripe`");
  world.arga.fault({ action: "reset" });
  expect(await shown()).toContain("`stripe`");
  world.arga.clearFaults();
});

test("typed actions do what the buttons do, by any beginning of either id", async () => {
  // In its own time: an hour is an hour.
  const world = await startWorld({ arga: { speed: 1, provisionSeconds: 0.5, cleanupSeconds: 0.5 } });
  onTestFinished(() => world.stop());
  const { slack, arga } = world;
  await slack.command("alice", "dev", "/arga", "twins stripe, github 90m");
  await cardShows(world, "run.credentials");
  const id = String(payloadOf(theCard(world))?.run_id);
  const [argaId = ""] = [...arga.runs.keys()];
  const say = async (text: string): Promise<string> =>
    JSON.stringify((await slack.command("alice", "dev", "/arga", text)).shown ?? "");
  expect(await say("list")).toContain(id);
  expect(await say("list mine")).toContain(id);
  expect(await say(`status ${argaId.slice(0, 8)}`)).toContain("run.credentials");
  expect(await say(`extend ${id} 10`)).toContain("sooner than it ends now");
  await say(`extend ${id} 10 --shorten`);
  await threadSays(world, "Extended by alice");
  await say(`lock ${argaId}`);
  await threadSays(world, "Locked by alice");
  expect(await say(`lock ${id}`)).toContain("already locked");
  await say(`teardown ${id.slice(0, 4)}`);
  await threadSays(world, "torn down");
  expect(await say(`extend ${id} 30`)).toContain("already ended");
});

test("who may act is decided at the press: bob extends, and nothing more", async () => {
  const { slack } = world;
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  const card = await slack.until(() =>
    cardsOf(world).find((c) => JSON.stringify(c.blocks).includes("run.credentials")),
  );
  const told = () =>
    slack
      .ephemerals("bob")
      .map((message) => message.text)
      .join("\n");
  const acts = [["run.teardown"], ...["lock", "reset", "share"].map((value) => ["run.more", value])];
  for (const [action = "", value] of acts) {
    const before = slack.ephemerals("bob").length;
    await slack.press("bob", card, action, value ? { value } : {});
    await slack.until(() => slack.ephemerals("bob").length > before);
    expect(told()).toContain("only alice");
  }
  await slack.press("bob", card, "run.extend", { value: "240" });
  await slack.until(() =>
    slack.messages("dev", { thread: card.ts }).find((m) => m.text.includes("Extended by bob")),
  );
  const elsewhere = await slack.command("carol", "ops", "/arga", `extend ${payloadOf(card)?.run_id} 480`);
  expect(elsewhere.shown?.text).toContain("in the channel where it runs");
});
