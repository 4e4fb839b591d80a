import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cardsOf, payloadOf, textOf } from "../support/life.ts";
import {
  answerAlone,
  answerInDirect,
  asInstalled,
  bringAgain,
  inDirect,
  toldAlone,
  wordsOf,
} from "../support/talk.ts";
import { freshWorld, startWorld, type World } from "../support/world.ts";

/** The same wrong words as for the command (input.test.ts); bare `twins` is answered with its help and a form. */
const WRONG: [string, string, RegExp][] = [
  ["no twin", "twins", /--scenario/],
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
  ["a sentence", "could somebody start the twins", /Did you mean `twins`/],
  ["an id that is none", "status zzzzzz", /no run/],
  ["logs of no run", "logs zzzzzz", /no run/],
  ["extend without minutes", "extend abc", /how many minutes/],
  ["teardown without an id", "teardown", /Which run/],
];

describe("what is said wrong", () => {
  let world: World;
  let root: string;
  beforeAll(async () => {
    // Answers follow each other here faster than anybody writes.
    world = await startWorld({ ...asInstalled, slack: { ...asInstalled.slack, rateLimits: false } });
    root = (await world.slack.postAsUser("alice", "dev", "what do we need?")).message.ts;
  });
  afterAll(() => world.stop());

  const nothingStarted = (): void => {
    expect(cardsOf(world)).toHaveLength(0);
    expect(world.arga.runs.size).toBe(0);
  };

  test.each(WRONG)("in a mention: %s", async (_name, text, words) => {
    const told = await answerAlone(world, "alice", () => world.slack.mention("alice", "dev", text));
    expect(wordsOf(told)).toMatch(words);
    expect(wordsOf(told)).toMatch(/\/arga /);
    expect(wordsOf(told)).not.toContain("<!");
    expect(told.channel).toBe(world.slack.channel("dev").id);
    expect(told.thread_ts).toBeUndefined();
    nothingStarted();
  });

  test.each(WRONG)("in a thread: %s", async (_name, text, words) => {
    const told = await answerAlone(world, "alice", () =>
      world.slack.mention("alice", "dev", text, { threadTs: root }),
    );
    expect(wordsOf(told)).toMatch(words);
    expect(wordsOf(told)).toContain(`In a thread, write <@${world.slack.botUserId}>`);
    expect(told.thread_ts).toBe(root);
    nothingStarted();
  });

  test.each(WRONG)("in a direct message: %s", async (_name, text, words) => {
    const told = await answerInDirect(world, "alice", () => world.slack.directMessage("alice", text));
    expect(wordsOf(told)).toMatch(words);
    expect(wordsOf(told)).not.toContain("<!");
    nothingStarted();
  });

  test.each(["hi", "Hello there!", "thanks", "?", ""])("a greeting (%s) is answered", async (text) => {
    const told = await answerAlone(world, "bob", () => world.slack.mention("bob", "dev", text));
    expect(wordsOf(told)).toContain("/arga twins stripe 60");
    expect(wordsOf(told)).toContain("/arga help");
    const direct = await answerInDirect(world, "bob", () => world.slack.directMessage("bob", text || "hey"));
    expect(wordsOf(direct)).toContain("/arga twins stripe 60");
  });

  test("help and its pages are answered, as the command shows them", async () => {
    for (const text of ["help", "help twins", "`/arga help test`"]) {
      const told = await answerAlone(world, "bob", () => world.slack.mention("bob", "dev", text));
      const typed = await world.slack.command("bob", "dev", "/arga", text.replace(/`|\/arga /g, ""));
      expect(told.text).toBe(typed.shown?.text);
    }
  });

  test("edits, other bots, and what was only told about a message are not answered", async () => {
    const first = await world.slack.mention("carol", "ops", "help");
    await world.slack.until(() => toldAlone(world, "carol").length === 1);
    const others: Record<string, unknown>[] = [
      { ts: "1.1", edited: { user: "U", ts: "1.2" } },
      { ts: "1.2", bot_id: "B0OTHER" },
      { ts: "1.3", subtype: "channel_join" },
      { ts: "1.4", type: "message", channel_type: "channel" },
      { ts: "1.5", user: world.slack.botUserId },
    ];
    for (const event of others) expect(await bringAgain(world, first, event)).toBe(200);
    await answerAlone(world, "carol", () => world.slack.mention("carol", "ops", "list"));
    expect(toldAlone(world, "carol").map(({ text }) => text)).toHaveLength(2);
    nothingStarted();
  });
});

test("a mention in a channel starts what the command starts", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const { slack } = world;
  const mention = await slack.mention("alice", "dev", "twins stripe 60");
  const card = await slack.until(() => cardsOf(world).find((one) => textOf(one).includes("run.credentials")));
  expect(card.thread_ts).toBeUndefined();
  expect(card.history[0]?.text).toContain("for alice");
  expect(world.arga.runs.size).toBe(1);
  // It stands in a public channel, so others may know of it.
  const seen = await slack.command("carol", "ops", "/arga", "list all");
  expect(JSON.stringify(seen.shown)).toContain(String(payloadOf(card)?.run_id));
  // Slack did not hear the answer, and brings it again.
  expect(await bringAgain(world, mention)).toBe(200);
  await answerAlone(world, "alice", () => slack.mention("alice", "dev", "list"));
  expect(cardsOf(world)).toHaveLength(1);
  expect(toldAlone(world, "alice")).toHaveLength(1);
  expect(world.arga.runs.size).toBe(1);
});

test("a mention in a thread has its card and its story there", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const { slack } = world;
  const { message } = await slack.postAsUser("alice", "dev", "checkout is broken");
  const thread = () => slack.messages("dev", { thread: message.ts });
  await slack.mention("alice", "dev", "twins stripe 60", { threadTs: message.ts });
  const card = await slack.until(() => thread().find((one) => textOf(one).includes("run.credentials")));
  await slack.until(() => thread().find(({ text }) => text.includes(`<@${slack.user("alice").id}>`)));
  const id = String(payloadOf(card)?.run_id);
  await slack.mention("alice", "dev", `teardown ${id}`, { threadTs: message.ts });
  await slack.until(() => thread().find(({ text }) => text.includes("torn down")));
  const told = await answerAlone(world, "bob", () =>
    slack.mention("bob", "dev", `lock ${id}`, { threadTs: message.ts }),
  );
  expect(wordsOf(told)).toContain("only alice");
  expect(cardsOf(world)).toHaveLength(0);
});

test("a direct message starts a run that nobody else sees", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const { slack } = world;
  await slack.directMessage("alice", "twins stripe 60");
  const card = await slack.until(() =>
    inDirect(world, "alice").find((one) => textOf(one).includes("run.credentials")),
  );
  const id = String(payloadOf(card)?.run_id);
  const listed = await answerInDirect(world, "alice", () => slack.directMessage("alice", "list"));
  expect(wordsOf(listed)).toContain(id);
  const elsewhere = await slack.command("bob", "dev", "/arga", "list all");
  expect(JSON.stringify(elsewhere.shown)).not.toContain(id);
  // The same message as another event, should Slack ever bring both.
  const direct = await slack.directMessage("alice", "status zzzzzz");
  await slack.until(() => inDirect(world, "alice").find(({ text }) => text.includes("no run")));
  await bringAgain(world, direct, { type: "app_mention", channel_type: undefined });
  await answerInDirect(world, "alice", () => slack.directMessage("alice", "hello"));
  expect(inDirect(world, "alice").filter(({ text }) => text.includes("no run"))).toHaveLength(1);
});

test("in a private channel, a run of a mention stays there", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  await world.slack.mention("alice", "secret", "twins stripe 60");
  const card = await world.slack.until(() => cardsOf(world, "secret")[0]);
  const elsewhere = await world.slack.command("bob", "dev", "/arga", "list all");
  expect(JSON.stringify(elsewhere.shown)).not.toContain(String(payloadOf(card)?.run_id));
});

test("who and where are not needed to start something", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  world.slack.fault({ method: "users.info", error: "missing_scope" });
  world.slack.fault({ method: "conversations.info", action: "hang" });
  await world.slack.mention("alice", "dev", "twins stripe 60");
  const card = await world.slack.until(() => cardsOf(world)[0]);
  expect(card.history[0]?.text ?? card.text).toContain("for someone");
  const elsewhere = await world.slack.command("bob", "ops", "/arga", "list all").catch(() => undefined);
  expect(JSON.stringify(elsewhere?.shown ?? "")).not.toContain(String(payloadOf(card)?.run_id));
});

test("a command that opens a window offers a button for it", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const { slack } = world;
  const help = await answerAlone(world, "alice", () => slack.mention("alice", "dev", "test"));
  expect(wordsOf(help)).toContain("--sandbox");
  await slack.press("alice", help, "talk.open");
  const [form] = await slack.until(() => slack.views("alice").length > 0 && slack.views("alice"));
  await slack.closeView("alice", String(form?.id));
  await slack.mention("alice", "dev", 'test https://shop.example.com "check out"');
  const card = await slack.until(() => cardsOf(world).find((one) => textOf(one).includes("run.logs")));
  const id = String(payloadOf(card)?.run_id);
  const logs = await answerAlone(world, "alice", () => slack.mention("alice", "dev", `logs ${id}`));
  await slack.press("alice", logs, "run.logs");
  await slack.until(() => slack.views("alice")[0]);
});

test("a list that Arga has to be asked for is answered too", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  const told = await answerAlone(world, "bob", () => world.slack.mention("bob", "dev", "scenarios"));
  expect(wordsOf(told)).not.toContain("I can't ask Arga");
});

test("while Redis is away, it is said", async () => {
  const world = await freshWorld(onTestFinished, asInstalled);
  await world.redis.stop();
  const told = await answerAlone(world, "alice", () =>
    world.slack.mention("alice", "dev", "twins stripe 60"),
  );
  expect(told.text).not.toBe("");
  expect(cardsOf(world)).toHaveLength(0);
});

test("a mention that a dying process took is brought again", async () => {
  const world = await freshWorld(onTestFinished, {
    ...asInstalled,
    slack: { ...asInstalled.slack, timing: { eventRetryMs: [3_000, 3_000, 3_000] } },
  });
  world.proxy.stopAt(0, () => void world.bot.kill());
  await world.slack.mention("alice", "dev", "twins stripe 60");
  await world.bot.exited;
  await world.restart();
  await world.slack.until(() => cardsOf(world)[0]);
  expect(cardsOf(world)).toHaveLength(1);
});
