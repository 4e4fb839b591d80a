import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Slack, startSlack } from "../../../sim/slack/server.ts";
import { ContentSender } from "../../../src/delivery/send-content.ts";
import { SlackRefused } from "../../../src/slack/errors.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";
import type { Content } from "../../../src/views/card.ts";
import { section } from "../../../src/views/text.ts";

let slack: Slack;
let sender: ContentSender;

beforeAll(async () => {
  slack = await startSlack({ rateLimits: false });
  const logger = pino({ level: "silent" });
  const web = new SlackWeb({ apiUrl: slack.apiUrl, tokens: new BotTokens(slack.botToken), logger });
  sender = new ContentSender(web, logger);
});
afterAll(() => slack.close());

const content = (words: string): Content => ({
  text: words,
  blocks: [section(words), { type: "plan", title: "2 steps", tasks: [{ task_id: "a", title: "One" }] }],
  plainer: [section(words), section("plain steps")],
});

const send = (team: string, words: string) =>
  sender.send(team, "chat.postMessage", { channel: slack.channel("dev").id, content: content(words) });

const typesOf = (words: string): string[] =>
  slack
    .messages("dev")
    .filter(({ text }) => text === words)
    .flatMap(({ blocks }) => (blocks ?? []).map(({ type }) => String(type)));

test("a workspace that knows Slack's newer blocks gets them", async () => {
  await send("T1", "first");
  expect(typesOf("first")).toEqual(["section", "plan"]);
});

test("one that refuses them gets the plainer ones, and is not asked again", async () => {
  const calls = () => slack.log.filter(({ method }) => method === "chat.postMessage").length;
  slack.fault({ method: "chat.postMessage", error: "invalid_blocks", times: 1 });
  await send("T2", "second");
  expect(typesOf("second")).toEqual(["section", "section"]);
  const before = calls();
  await send("T2", "third");
  expect(typesOf("third")).toEqual(["section", "section"]);
  expect(calls() - before).toBe(1);
});

test("one that refuses all blocks gets the text", async () => {
  slack.fault({ method: "chat.postMessage", error: "invalid_blocks", times: 2 });
  await send("T3", "fourth");
  expect(slack.messages("dev").filter(({ text }) => text === "fourth")).toHaveLength(1);
  expect(typesOf("fourth").filter((type) => type === "plan")).toEqual([]);
});

test("any other refusal is the caller's", async () => {
  slack.fault({ method: "chat.postMessage", error: "is_archived", times: 1 });
  await expect(send("T4", "fifth")).rejects.toThrow(SlackRefused);
});
