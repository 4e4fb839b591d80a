import { describe, expect, test } from "vitest";
import { actions, api, appAnswers, card, last, received, slack, withApp } from "./slack-app.ts";

withApp();

describe("a press", () => {
  test("brings the message, the state, the action and where it was", async () => {
    const message = await card("dev", { metadata: { event_type: "arga_run", event_payload: { key: "k" } } });
    await slack.press("bob", message, "run.extend", { value: "60" });
    const { id: channelId } = slack.channel("dev");
    expect(last().payload).toMatchObject({
      type: "block_actions",
      user: { id: slack.user("bob").id, name: "bob", team_id: slack.teamId },
      team: { id: slack.teamId },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: channelId, name: "dev" },
      container: { type: "message", message_ts: message.ts, channel_id: channelId, is_ephemeral: false },
      message: { ts: message.ts, text: "card", metadata: { event_payload: { key: "k" } } },
      state: {
        values: { "run:r1": { "run.extend": { type: "static_select", selected_option: { value: "60" } } } },
      },
      actions: [
        {
          type: "static_select",
          block_id: "run:r1",
          action_id: "run.extend",
          selected_option: { value: "60" },
        },
      ],
    });
  });

  test("state is each person's own; a button has its value", async () => {
    const message = await card();
    await slack.press("bob", message, "run.extend", { value: "60" });
    await slack.press("alice", message, "run.teardown");
    expect(last().payload).toMatchObject({
      actions: [{ type: "button", value: "now", text: { text: "Tear down" } }],
      state: { values: { "run:r1": { "run.extend": { selected_option: null } } } },
    });
  });

  test("is refused for what is not there, not offered or not to be seen", async () => {
    const message = await card();
    await expect(slack.press("bob", message, "run.lock")).rejects.toThrow(
      "there are: run.extend, run.teardown",
    );
    await expect(slack.press("bob", message, "run.extend", { value: "5" })).rejects.toThrow(
      "it offers 30, 60",
    );
    await expect(slack.press("bob", message, "run.extend")).rejects.toThrow("needs a value");
    const secret = await card("secret");
    await expect(slack.press("bob", secret, "run.teardown")).rejects.toThrow("bob cannot see");
    await api("chat.update", { channel: message.channel, ts: message.ts, text: "ended" });
    await expect(slack.press("bob", message, "run.teardown")).rejects.toThrow("there are: none");
    expect(received).toEqual([]);
  });

  test("an action that is in two blocks is told apart by its block", async () => {
    const message = await card("dev", { blocks: [actions, { ...actions, block_id: "run:r2" }] });
    await expect(slack.press("bob", message, "run.teardown")).rejects.toThrow("give a blockId");
    await slack.press("bob", message, "run.teardown", { blockId: "run:r2" });
    expect(last().payload.actions).toMatchObject([{ block_id: "run:r2" }]);
  });

  test("in a thread names the thread", async () => {
    const parent = await card();
    await api("chat.postMessage", {
      channel: parent.channel,
      thread_ts: parent.ts,
      text: "reminder",
      blocks: [actions],
    });
    const [reminder] = slack.messages("dev", { thread: parent.ts });
    if (reminder === undefined) throw new Error("there is no reminder");
    await slack.press("bob", reminder, "run.teardown");
    expect(last().payload).toMatchObject({
      container: { thread_ts: parent.ts },
      message: { thread_ts: parent.ts },
    });
  });

  test("that is not acknowledged is told to the presser", async () => {
    appAnswers(() => ({ status: 404 }));
    const { shown } = await slack.press("bob", await card(), "run.teardown");
    expect(shown?.text).toContain("404");
    expect(slack.ephemerals("bob")).toMatchObject([{ kind: "operation_timeout" }]);
  });
});
