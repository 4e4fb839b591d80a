import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { replyOnce, replyToUser } from "../../../src/delivery/reply-to-user.ts";
import type { ReplyTo } from "../../../src/runs/run.ts";
import { SlackRefused, SlackUnclear } from "../../../src/slack/errors.ts";
import { textContent } from "../../../src/views/replies.ts";
import { type Bench, startBench } from "../support/home-bench.ts";

let bench: Bench;
let app: Server;
let answerAt: string[];

beforeEach(async () => {
  bench = await startBench();
  answerAt = [];
  app = createServer(async (request, response) => {
    answerAt.push(new URLSearchParams(await text(request)).get("response_url") ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  bench.slack.requestUrl(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`);
});

afterEach(async () => {
  vi.useRealTimers();
  await new Promise((resolve) => app.close(resolve));
  await bench.stop();
});

/** Alice typed a command there. */
async function typedIn(channel: string): Promise<ReplyTo & { url: string }> {
  await bench.slack.command("alice", channel, "/arga", "list");
  return { ...placeIn(channel), url: answerAt.at(-1) ?? "" };
}

const placeIn = (channel: string, more: Partial<ReplyTo> = {}): ReplyTo => ({
  user: bench.of("alice").user,
  channel: channel && bench.slack.channel(channel).id,
  at: Date.now(),
  ...more,
});

const reply = (to: ReplyTo) => ({
  team: bench.slack.teamId,
  to,
  content: textContent("It has already ended."),
});
const answer = (to: ReplyTo): Promise<void> => replyOnce(bench.side, reply(to));

/** How Slack was called, in order. */
const ways = (): string[] =>
  bench.slack.log
    .filter(({ kind }) => kind === "api" || kind === "response_url")
    .map(({ method }) => method)
    .filter((method) => method !== "views.publish" && method !== "auth.test");
const seenBy = (channel: string): string[] =>
  bench.slack.ephemerals("alice", channel).map((message) => message.text);

describe("one person is answered", () => {
  test("where the delivery says", async () => {
    await answer(await typedIn("dev"));
    expect(ways()).toEqual(["response_url"]);
    expect(seenBy("dev")).toEqual(["It has already ended."]);
    expect(bench.slack.messages("dev")).toEqual([]);
  });

  test("unseen by the others in the channel, once that URL is too old", async () => {
    const to = await typedIn("dev");
    await answer({ ...to, at: Date.now() - 29 * 60_000 });
    expect(ways()).toEqual(["chat.postEphemeral"]);
    expect(seenBy("dev")).toEqual(["It has already ended."]);
  });

  test("in their thread, if they asked there", async () => {
    const { message } = await bench.slack.postAsUser("alice", "dev", "hello");
    await answer(placeIn("dev", { threadTs: message.ts }));
    const { args } = bench.slack.log.findLast(({ method }) => method === "chat.postEphemeral") ?? {};
    expect(args).toMatchObject({ thread_ts: message.ts });
  });

  test("in a direct message, where Slack takes nothing else", async () => {
    bench.slack.fault({ method: "response_url", status: 404 });
    bench.slack.fault({ method: "chat.postEphemeral", error: "user_not_in_channel" });
    await answer(await typedIn("dev"));
    expect(ways()).toEqual(["response_url", "chat.postEphemeral", "chat.postMessage"]);
    expect(bench.slack.messages("dm:alice").map((message) => message.text)).toEqual([
      "It has already ended.",
    ]);
  });

  test("in their direct messages, if they asked there, as a message that stays", async () => {
    await bench.slack.openMessages("alice");
    await answer(placeIn("dm:alice"));
    expect(ways()).toEqual(["chat.postMessage"]);
    expect(bench.slack.messages("dm:alice")).toHaveLength(1);
  });

  test("on their Home, if they pressed there and still look at it", async () => {
    await bench.open("alice");
    await bench.poked();
    await answer(placeIn(""));
    expect(ways()).toEqual([]);
    expect(await bench.poked()).toEqual([bench.of("alice").user]);
    await bench.step(bench.of("alice").user);
    expect(bench.home("alice")).toContain("It has already ended.");
  });

  test("in a direct message, if they pressed on a Home that they left", async () => {
    await answer(placeIn(""));
    expect(ways()).toEqual(["chat.postMessage"]);
  });

  test("not at all where every way is refused, which is thrown", async () => {
    bench.slack.fault({ method: /^chat\./, error: "account_inactive" });
    await expect(answer(placeIn("dev"))).rejects.toThrow(SlackRefused);
  });
});

describe("an answer that was lost", () => {
  test("is not said by the next way as well", async () => {
    bench.slack.fault({ method: "response_url", action: "lose", times: 1 });
    await expect(answer(await typedIn("dev"))).rejects.toThrow(SlackUnclear);
    expect(ways()).toEqual(["response_url"]);
  });

  test("is said again where no job comes back to it", async () => {
    bench.slack.fault({ method: "chat.postEphemeral", action: "reset", times: 1 });
    await replyToUser(bench.side, reply(placeIn("dev")));
    expect(seenBy("dev")).toEqual(["It has already ended."]);
  });
});
