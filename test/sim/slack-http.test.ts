import { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;
let app: App;

beforeEach(async () => {
  slack = await startSlack({ timing: { eventRetryMs: [20, 20, 20] } });
  const clientOptions = { slackApiUrl: slack.apiUrl };
  const { botToken: token, signingSecret } = slack;
  app = new App({ token, signingSecret, clientOptions, port: 0, deferInitialization: true });
  await app.init();
  const server = await app.start(0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  slack.requestUrl(`http://127.0.0.1:${port}/slack/events`);
});

afterEach(async () => {
  await app.stop();
  await slack.close();
});

const buttons = [
  {
    type: "actions",
    block_id: "run:1",
    elements: [{ type: "button", action_id: "go", text: { type: "plain_text", text: "Go" }, value: "v" }],
  },
];

describe("commands over HTTP", () => {
  test("reach Bolt signed, with Slack's fields, and their answer is seen by the invoker alone", async () => {
    app.command("/arga", async ({ ack, command }) => {
      await ack(`${command.channel_name} ${command.text}`);
    });
    const delivery = await slack.command("alice", "dev", "/arga", "twins stripe 60");
    expect(delivery).toMatchObject({ status: 200, timedOut: false, shown: { text: "dev twins stripe 60" } });
    expect(slack.ephemerals("alice", "dev")).toMatchObject([{ kind: "ack", text: "dev twins stripe 60" }]);
    expect(slack.ephemerals("bob")).toEqual([]);
  });

  test("that are not acknowledged in time show operation_timeout", async () => {
    app.command("/arga", async () => {});
    const delivery = await slack.command("alice", "dev", "/arga", "");
    expect(delivery.timedOut).toBe(true);
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "operation_timeout" }]);
  });

  test("a press brings message and response_url, which replaces the message", async () => {
    app.command("/arga", async ({ ack, client, command }) => {
      await ack();
      await client.chat.postMessage({ channel: command.channel_id, text: "card", blocks: buttons });
    });
    app.action("go", async ({ ack, respond }) => {
      await ack();
      await respond({ replace_original: true, text: "gone" });
    });
    await slack.command("alice", "dev", "/arga", "");
    const card = await slack.until((now) => now.messages("dev")[0]);
    await slack.press("bob", card, "go");
    const after = await slack.until((now) => now.messages("dev").find(({ text }) => text === "gone"));
    expect(after.history).toMatchObject([{ text: "card" }]);
  });

  test("a modal is opened, refuses, and closes", async () => {
    app.shortcut("arga_twins", async ({ ack, client, shortcut }) => {
      await ack();
      const title = { type: "plain_text", text: "Twins" } as const;
      const element = { type: "plain_text_input", action_id: "minutes" } as const;
      const input = { type: "input", block_id: "ttl", label: title, element } as const;
      await client.views.open({
        trigger_id: shortcut.trigger_id,
        view: { type: "modal", callback_id: "twins", title, submit: title, blocks: [input] },
      });
    });
    app.view("twins", async ({ ack, view }) => {
      const minutes = view.state.values.ttl?.minutes?.value;
      if (minutes === "x") await ack({ response_action: "errors", errors: { ttl: "a number" } });
      else await ack();
    });
    await slack.globalShortcut("alice", "arga_twins");
    const view = await slack.until((now) => now.views("alice")[0]);
    const refused = await slack.submit("alice", view.id, { minutes: "x" });
    expect(refused.shown?.errors).toEqual({ ttl: "a number" });
    await slack.submit("alice", view.id, { ttl: "60" });
    expect(slack.views("alice")).toEqual([]);
  });
});
