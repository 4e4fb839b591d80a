import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grammars } from "../../../src/handlers/commands/index.ts";
import { intentOf, isForUs, type MessageEvent, textForBot } from "../../../src/handlers/events/mentions.ts";

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
