import { describe, expect, test } from "vitest";
import {
  commandInteraction,
  type InteractivePayload,
  messageInteraction,
  payloadInteraction,
} from "../../../src/handlers/shared/interaction.ts";

/** Who asks, where, and where they are answered, as Slack's payloads say it. */

const press = (more: Partial<InteractivePayload> = {}): InteractivePayload =>
  ({
    type: "block_actions",
    team: { id: "T1" },
    user: { id: "U1", name: "ada" },
    channel: { id: "C1", name: "dev" },
    trigger_id: "t1",
    ...more,
  }) as InteractivePayload;
const replyOf = (more: Partial<InteractivePayload> = {}) => {
  const { at: _, ...reply } = payloadInteraction(press(more)).reply;
  return reply;
};

describe("whoever pressed is answered", () => {
  test("in the channel, by the URL that came with it", () => {
    expect(replyOf()).toEqual({ user: "U1", channel: "C1" });
    expect(replyOf({ response_url: "https://hooks.slack.com/1" })).toEqual({
      user: "U1",
      channel: "C1",
      url: "https://hooks.slack.com/1",
    });
  });

  test("in a thread if it was pressed there, and not under the message that begins one", () => {
    expect(replyOf({ container: { message_ts: "1.2", thread_ts: "1.1" } }).threadTs).toBe("1.1");
    expect(replyOf({ container: { message_ts: "1.1", thread_ts: "1.1" } })).not.toHaveProperty("threadTs");
    expect(replyOf({ container: { message_ts: "1.1" } })).not.toHaveProperty("threadTs");
  });

  test("where their form says, by the URL that came for that", () => {
    const chosen = { channel_id: "C2", response_url: "https://hooks.slack.com/2" };
    expect(replyOf({ response_urls: [chosen], response_url: "https://hooks.slack.com/1" })).toEqual({
      user: "U1",
      channel: "C2",
      url: "https://hooks.slack.com/2",
    });
  });

  test("nowhere where nobody says where", () => {
    const { channel: _, ...without } = press();
    const { reply, hidden, actor } = payloadInteraction(without as InteractivePayload);
    expect(reply).toMatchObject({ channel: "" });
    expect(reply).not.toHaveProperty("url");
    expect([hidden, actor.channel]).toEqual([true, ""]);
  });
});

test("what was pressed on is a message, with its thread", () => {
  const { pressedOn } = payloadInteraction(press({ container: { message_ts: "1.2", thread_ts: "1.1" } }));
  expect(pressedOn).toEqual({ channel: "C1", ts: "1.2", threadTs: "1.1" });
  expect(payloadInteraction(press())).not.toHaveProperty("pressedOn");
});

test.each([
  ["C1", "dev", false],
  ["C1", "privategroup", true],
  ["C1", "directmessage", true],
  ["C1", "mpdm-ada--bob-1", true],
  ["C1", undefined, true],
  ["C1", "", true],
  ["D1", "directmessage", true],
  ["G1", "dev", true],
])("a channel %s that Slack calls %s is hidden: %s", (id, name, hidden) => {
  const channel = { id, ...(name === undefined ? {} : { name }) };
  expect(payloadInteraction(press({ channel })).hidden).toBe(hidden);
});

test("a message's key is its own, whatever event it comes as", () => {
  const message = { team: "T1", channel: "C1", ts: "1.2", user: { id: "U1", name: "ada" }, hidden: false };
  const once = messageInteraction(message);
  expect(messageInteraction({ ...message, threadTs: "1.1" }).key).toBe(once.key);
  expect(messageInteraction({ ...message, ts: "1.3" }).key).not.toBe(once.key);
  expect(once).not.toHaveProperty("threadTs");
  expect(messageInteraction({ ...message, threadTs: "1.1" })).toMatchObject({
    threadTs: "1.1",
    reply: { threadTs: "1.1", channel: "C1", user: "U1" },
    trigger: "",
  });
});

test("a command's key is its trigger's, and its place the channel's", () => {
  const command = {
    team_id: "T1",
    user_id: "U1",
    user_name: "ada",
    channel_id: "C1",
    channel_name: "dev",
    trigger_id: "t1",
    response_url: "https://hooks.slack.com/1",
  } as Parameters<typeof commandInteraction>[0];
  const made = commandInteraction(command);
  expect(made).toMatchObject({
    team: "T1",
    actor: { id: "U1", name: "ada", channel: "C1" },
    reply: { user: "U1", channel: "C1", url: "https://hooks.slack.com/1" },
    trigger: "t1",
    hidden: false,
  });
  expect(commandInteraction({ ...command, trigger_id: "t2" }).key).not.toBe(made.key);
});
