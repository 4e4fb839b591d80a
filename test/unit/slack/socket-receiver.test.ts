import { App } from "@slack/bolt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, startSlack } from "../../../sim/slack/server.ts";
import { SocketReceiver } from "../../../src/slack/receivers/socket.ts";
import { eventually } from "../../support/waiting.ts";

let slack: Slack;
let receiver: SocketReceiver;
/** What reached a handler, and what was logged. */
let handled: string[];
let lines: { msg: string; odd?: string }[];

beforeEach(async () => {
  handled = [];
  const said: typeof lines = [];
  lines = said;
  slack = await startSlack();
  const logger = pino({ level: "warn" }, { write: (line: string) => void said.push(JSON.parse(line)) });
  const { appToken, apiUrl } = slack;
  receiver = new SocketReceiver({ appToken, apiUrl, logger, onAck: () => {} });
  const app = new App({ receiver, authorize: async () => ({ botToken: slack.botToken }) });
  app.command("/arga", async ({ command, ack }) => {
    handled.push(command.text);
    await ack();
  });
  app.action(/.*/, async ({ ack }) => {
    handled.push("action");
    await ack();
  });
  app.event("app_mention", async ({ event }) => void handled.push(event.text));
  await receiver.start();
});

afterEach(async () => {
  await receiver.stop();
  await slack.close();
});

const typed = {
  command: "/arga",
  text: "help",
  team_id: "T1",
  user_id: "U1",
  user_name: "ada",
  channel_id: "C1",
  channel_name: "dev",
};
const press = {
  type: "block_actions",
  user: { id: "U1" },
  team: { id: "T1" },
  channel: { id: "C1" },
  actions: [{ type: "button", action_id: "run.lock" }],
};
const mention = { type: "app_mention", user: "U1", channel: "C1", ts: "1.2", text: "help" };
const event = { type: "event_callback", team_id: "T1", event: mention };

type Envelope = Parameters<Slack["rawEnvelope"]>[0];

test.each<[string, Envelope, Record<string, unknown>, string]>([
  ["a command", "slash_commands", typed, "help"],
  ["a press", "interactive", press, "action"],
  ["an event", "events_api", event, "help"],
])("%s is handed on and answered", async (_, envelope, payload, expected) => {
  expect(await slack.rawEnvelope(envelope, payload)).toMatchObject({ timedOut: false });
  await receiver.drained();
  expect(handled).toEqual([expected]);
  expect(lines).toEqual([]);
});

test.each<[string, Envelope, Record<string, unknown>, string]>([
  ["a command's name that is an object", "slash_commands", { ...typed, user_name: { a: 1 } }, "user_name"],
  ["a command without a person", "slash_commands", { ...typed, user_id: undefined }, "user_id"],
  [
    "a person's name that is an object",
    "interactive",
    { ...press, user: { id: "U1", name: {} } },
    "user.name",
  ],
  ["an endless id", "interactive", { ...press, channel: { id: "C".repeat(101) } }, "channel.id"],
  ["a list in place of an action", "interactive", { ...press, actions: [["run.lock"]] }, "actions.0"],
  ["a text that is a list", "events_api", { ...event, event: { ...mention, text: ["help"] } }, "event.text"],
])(
  "%s reaches no handler, and is answered, or Slack would bring it again",
  async (_, envelope, payload, odd) => {
    expect(await slack.rawEnvelope(envelope, payload)).toMatchObject({ timedOut: false });
    await receiver.drained();
    expect(handled).toEqual([]);
    expect(lines).toMatchObject([{ msg: "Ignored a delivery that isn't as Slack sends them", odd }]);
  },
);

test("an id may have a hundred characters", async () => {
  await slack.rawEnvelope("interactive", { ...press, channel: { id: "C".repeat(100) } });
  await receiver.drained();
  expect(handled).toEqual(["action"]);
});

describe("the connections", () => {
  const open = (count: number) => eventually(async () => slack.sockets.count() === count);
  /** A receiver of its own, with this token. */
  const another = (appToken: string): SocketReceiver => {
    const logger = pino({ level: "silent" });
    const own = new SocketReceiver({ appToken, apiUrl: slack.apiUrl, logger, onAck: () => {} });
    new App({ receiver: own, authorize: async () => ({ botToken: slack.botToken }) });
    return own;
  };

  test("are two, and each is replaced by another when Slack asks, or it is cut", async () => {
    await open(2);
    expect(receiver.isConnected).toBe(true);
    slack.sockets.disconnect("refresh_requested");
    await open(2);
    slack.sockets.drop();
    await open(2);
    await eventually(async () => receiver.isConnected);
    expect(await slack.rawEnvelope("slash_commands", typed)).toMatchObject({ timedOut: false });
    await receiver.drained();
    expect(handled).toEqual(["help"]);
  });

  test("end with the receiver, and no other is opened", async () => {
    await open(2);
    await receiver.stop();
    await open(0);
  });

  test("aren't tried again with a token that Slack never took", async () => {
    await expect(another("xapp-wrong").start()).rejects.toMatchObject({
      code: "SOCKET_REFUSED",
      message: "Slack rejected SLACK_APP_TOKEN (invalid_auth). It needs the scope connections:write.",
    });
  });

  test("are tried until Slack is there", async () => {
    slack.fault({ method: "apps.connections.open", status: 503, times: 1 });
    const own = another(slack.appToken);
    await own.start();
    expect(own.isConnected).toBe(true);
    await own.stop();
  });
});
