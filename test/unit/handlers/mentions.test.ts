import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grammars } from "../../../src/handlers/commands/index.ts";
import {
  intentOf,
  isForUs,
  type MessageEvent,
  onMessage,
  textForBot,
} from "../../../src/handlers/events/mentions.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";
import { runIn } from "../support/runs.ts";

const BOT = "U0BOT";
const names = grammars.map(({ name }) => name);

describe("what was said to the bot", () => {
  test.each([
    ["after the mention", `<@${BOT}> twins stripe 60`, "twins stripe 60"],
    ["with a label", `<@${BOT}|arga> twins stripe`, "twins stripe"],
    ["after a colon", `<@${BOT}>: list`, "list"],
    ["not what stands before it", `hey team, <@${BOT}> list`, "list"],
    ["but that, if nothing follows", `twins stripe <@${BOT}>`, "twins stripe"],
    ["mentioned twice", `<@${BOT}> <@${BOT}> list`, "list"],
    ["without a mention", "list mine", "list mine"],
    ["a mention alone", `<@${BOT}>`, ""],
    ["copied with the slash", `<@${BOT}> /arga twins stripe`, "twins stripe"],
    ["copied as code", `<@${BOT}> \`/arga list mine\``, "list mine"],
    ["copied as a block", "```\n/arga twins stripe 60\n```", "twins stripe 60"],
    ["in quotes", `<@${BOT}> “twins stripe 60”`, "twins stripe 60"],
    ["in bold, with the slash", `<@${BOT}> */arga list*`, "list"],
    ["two marked words are two", `<@${BOT}> \`twins\` \`stripe\``, "`twins` `stripe`"],
    ["another person's mention stays", `<@${BOT}> list <@U02BOB>`, "list <@U02BOB>"],
    ["a word that begins like the name", "argali 60", "argali 60"],
  ])("%s", (_name, text, words) => {
    expect(textForBot(text, BOT)).toBe(words);
  });

  test("is a string, whatever was written", () => {
    fc.assert(fc.property(fc.string(), (text) => typeof textForBot(text, BOT) === "string"));
    fc.assert(
      fc.property(fc.string(), (text) => typeof intentOf(textForBot(text, BOT), names).type === "string"),
    );
  });
});

test("a long message without a word is looked at as quickly as a short one", () => {
  // Would take a quarter of an hour, and every other person's with it, if each mark were looked at from each other.
  const long = `a${"!".repeat(1_000_000)}a`;
  expect(intentOf(textForBot(long, BOT), names).type).toBe("command");
  expect(textForBot(`<@${BOT}|`.repeat(100_000), BOT)).not.toBe("");
});

describe("what it means", () => {
  test.each(["hi", "Hello!", "hey :wave:", "thanks a lot", "thank you", "?", "", "🎉", "what can you do?"])(
    "%s is a greeting",
    (text) => {
      expect(intentOf(text, names)).toEqual({ type: "greeting" });
    },
  );

  test.each([
    ["twins stripe 60", "twins stripe 60"],
    ["hey, please list mine", "list mine"],
    ["twinz stripe", "twinz stripe"],
    ["List", "List"],
    ["can you help me?", "help"],
    ["frobnicate the thing", "frobnicate the thing"],
    [
      'test https://shop.example.com "a guest can check out"',
      'test https://shop.example.com "a guest can check out"',
    ],
  ])("%s is a command", (text, command) => {
    expect(intentOf(text, names)).toEqual({ type: "command", text: command });
  });

  test.each([
    ["could somebody start twins of stripe", "twins"],
    ["how do I extend it?", "extend"],
  ])("%s is near one", (text, name) => {
    expect(intentOf(text, names)).toEqual({ type: "nearest", name });
  });

  test("what opens a window is told apart", () => {
    expect(intentOf("twins", names)).toEqual({ type: "form", name: "twins" });
    expect(intentOf("test", names)).toEqual({ type: "form", name: "test" });
    expect(intentOf("twins 60", names).type).toBe("command");
    expect(intentOf("logs k7m2qx", names)).toEqual({ type: "logs", text: "logs k7m2qx" });
  });

  test("each example of the help is a command, with and without its slash", () => {
    for (const example of grammars.flatMap(({ examples }) => examples))
      for (const text of [example, example.slice(1), `\`${example}\``])
        expect(["command", "logs"]).toContain(intentOf(textForBot(text, BOT), names).type);
  });
});

describe("who is heard", () => {
  const heard = (more: Partial<MessageEvent>): MessageEvent => ({
    type: "app_mention",
    user: "U01ADA",
    text: "help",
    ts: "1.2",
    channel: "C01",
    ...more,
  });
  test.each<[string, Partial<MessageEvent>, boolean]>([
    ["a mention", {}, true],
    ["a direct message", { type: "message", channel_type: "im" }, true],
    ["one with a file", { type: "message", channel_type: "im", subtype: "file_share" }, true],
    ["a message of a channel", { type: "message", channel_type: "channel" }, false],
    ["the bot itself", { user: BOT }, false],
    ["another bot", { bot_id: "B0OTHER" }, false],
    ["Slack's own bot", { user: "USLACKBOT" }, false],
    ["an edit", { edited: { user: "U01ADA", ts: "1.3" } }, false],
    ["a changed message", { type: "message", channel_type: "im", subtype: "message_changed" }, false],
    ["somebody who joined", { subtype: "channel_join" }, false],
  ])("%s", (_name, more, isHeard) => {
    expect(isForUs(heard(more), BOT)).toBe(isHeard);
  });

  test("what nobody wrote is not", () => {
    const { user: _, ...nobody } = heard({});
    expect(isForUs(nobody, BOT)).toBe(false);
  });
});

describe("a message to the bot", () => {
  let bench: Bench;
  let atContext: ContextBench;
  beforeAll(async () => {
    bench = await startBench({
      users: ["alice", { name: "eve", home: { team: "T0OTHER" } }],
      channels: [
        { name: "dev", members: ["alice", "eve"] },
        { name: "secret", members: ["alice"], private: true },
      ],
    });
    atContext = await startContext(bench);
  });
  afterAll(async () => {
    await atContext.end();
    await bench.stop();
  });

  let messages = 0;
  /** What its writer is told, and nobody else. */
  async function told(text: string, more: Partial<MessageEvent> = {}, who = "alice"): Promise<string[]> {
    const { teamId: team, botUserId } = bench.slack;
    const before = bench.slack.ephemerals(who).length;
    const event: MessageEvent = {
      type: "app_mention",
      user: bench.slack.user(who).id,
      channel: bench.slack.channel("dev").id,
      ts: `17000000${messages++}.000100`,
      text: `<@${botUserId}> ${text}`,
      ...more,
    };
    await onMessage(atContext.context, event, {
      team,
      botUserId,
      isRetry: false,
      isExternallyShared: false,
    });
    await atContext.done();
    return bench.slack
      .ephemerals(who)
      .slice(before)
      .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`);
  }
  const runs = () => bench.side.store.liveRuns(bench.slack.teamId);

  test("that greets is greeted", async () => {
    expect(await told("hello")).toEqual([expect.stringContaining("/arga twins stripe 60")]);
  });

  test("that has a command in it somewhere is asked whether that is meant", async () => {
    expect(await told("we should probably have some twins")).toEqual([
      expect.stringContaining("I don't know what to do with that. Did you mean `twins`?"),
    ]);
  });

  test("that would open a form says how it's typed, with a button for the form", async () => {
    const [answer, ...more] = await told("notify");
    expect(more).toEqual([]);
    expect(answer).toMatch(/\/arga notify on failed[\s\S]*"action_id":"/);
  });

  test("that asks for logs has the card with their button, or why there are none", async () => {
    const { id: user } = bench.slack.user("alice");
    const place = { team: bench.slack.teamId, channel: bench.slack.channel("dev").id };
    const requester = { id: user, name: "alice" };
    const spec = { repo: "acme/shop", branch: "main", ttlMinutes: 60 };
    const sandbox = runIn("ready", { ...place, requester, id: "sandbx", kind: "sandbox", spec });
    const twin = runIn("ready", { ...place, requester, id: "twinxx" });
    for (const run of [sandbox, twin]) await bench.side.store.create(run, { name: run.id });
    expect(await told("logs sandbx")).toEqual([expect.stringContaining('"action_id":"run.logs"')]);
    expect(await told("logs twinxx")).toEqual([
      expect.stringContaining("Arga keeps no logs of this twin run, `twinxx`."),
    ]);
  });

  test("is kept as what it asks for, in its thread, and hidden where its channel is", async () => {
    expect(await told("twins stripe 60", { ts: "1.1", thread_ts: "1.0" })).toEqual([]);
    const secret = bench.slack.channel("secret").id;
    expect(await told("twins slack 60", { ts: "2.1", channel: secret })).toEqual([]);
    const [open, hidden] = (await runs()).filter(({ phase }) => phase.name === "requested");
    expect(open).toMatchObject({ hidden: false, threadTs: "1.0", spec: { twins: ["stripe"] } });
    expect(hidden).toMatchObject({ hidden: true, channel: secret, spec: { twins: ["slack"] } });
  });

  test("is answered once, however often it's brought", async () => {
    const again = { ts: "3.1" };
    expect(await told("frobnicate", again)).toHaveLength(1);
    expect(await told("frobnicate", again)).toEqual([]);
  });

  test("by somebody of another company has no effect", async () => {
    const before = (await runs()).length;
    const home = { user_team: "T0OTHER" };
    expect(await told("twins stripe 60", home, "eve")).toEqual([
      expect.stringContaining("Only people from this workspace can use me."),
    ]);
    expect(await runs()).toHaveLength(before);
  });
});
