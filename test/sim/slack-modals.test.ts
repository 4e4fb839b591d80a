import { describe, expect, test } from "vitest";
import {
  actions,
  api,
  appAnswers,
  button,
  last,
  option,
  plain,
  respond,
  select,
  slack,
  timePasses,
  withApp,
} from "./slack-app.ts";

withApp();

describe("modals", () => {
  const input = (blockId: string, more: object = {}) => ({
    type: "input",
    block_id: blockId,
    label: plain(blockId),
    element: { type: "plain_text_input", action_id: `${blockId}.text` },
    ...more,
  });
  const modal = (blocks: object[] = [input("ttl")], more: object = {}) => ({
    type: "modal",
    callback_id: "twins",
    title: plain("Twins"),
    submit: plain("Start"),
    blocks,
    ...more,
  });

  async function trigger(): Promise<string> {
    return (await slack.globalShortcut("alice", "arga_twins")).triggerId ?? "";
  }

  async function opened(view: object = modal()): Promise<string> {
    const answer = await api("views.open", { trigger_id: await trigger(), view });
    return (answer.view as { id: string }).id;
  }

  const top = () => slack.views("alice").at(-1);
  const answerWith = (body: object) => {
    appAnswers(() => ({ type: "application/json", body: JSON.stringify(body) }));
  };

  test("a shortcut has neither channel nor response_url", async () => {
    await slack.globalShortcut("alice", "arga_twins");
    expect(last().payload).toMatchObject({ type: "shortcut", callback_id: "arga_twins" });
    expect(last().payload).not.toHaveProperty("channel");
    expect(last().payload).not.toHaveProperty("response_url");
  });

  test("a message shortcut brings the whole message", async () => {
    const { message } = await slack.postAsUser("bob", "dev", "look at https://x.test/a <b>");
    await slack.messageShortcut("alice", message, "arga_test_message");
    const { payload } = last();
    expect(payload).toMatchObject({
      type: "message_action",
      message_ts: message.ts,
      channel: { name: "dev" },
    });
    expect(payload.message).toMatchObject({
      text: "look at <https://x.test/a> &lt;b&gt;",
      user: slack.user("bob").id,
    });
    await respond(payload.response_url, { text: "opened" });
    expect(slack.ephemerals("alice", "dev")).toMatchObject([{ text: "opened" }]);
  });

  test("a trigger is good once, for three seconds, and only if it exists", async () => {
    const once = await trigger();
    expect(await api("views.open", { trigger_id: once, view: modal() })).toMatchObject({ ok: true });
    expect(await api("views.open", { trigger_id: once, view: modal() })).toMatchObject({
      error: "exchanged_trigger_id",
    });
    const late = await trigger();
    timePasses(3001);
    expect(await api("views.open", { trigger_id: late, view: modal() })).toMatchObject({
      error: "expired_trigger_id",
    });
    expect(await api("views.open", { trigger_id: "1.2.x", view: modal() })).toMatchObject({
      error: "invalid_trigger_id",
    });
  });

  test("bad views are invalid_arguments with pointers, and do not spend the trigger", async () => {
    const trigger_id = await trigger();
    const bad = await api("views.open", { trigger_id, view: modal([{ type: "bogus" }]) });
    expect(bad.error).toBe("invalid_arguments");
    expect(JSON.stringify(bad.response_metadata)).toContain("[json-pointer:/view/blocks/0/type]");
    const home = await api("views.open", { trigger_id, view: { type: "home", blocks: [] } });
    expect(home.error).toBe("invalid_arguments");
    const huge = modal(
      Array.from({ length: 99 }, () => ({ type: "section", text: plain("x".repeat(2900)) })),
    );
    expect(await api("views.open", { trigger_id, view: huge })).toMatchObject({ error: "view_too_large" });
    expect(await api("views.open", { trigger_id, view: modal() })).toMatchObject({ ok: true });
  });

  test("submitting brings state, private_metadata and hash, and an empty answer closes", async () => {
    const viewId = await opened(modal([input("ttl")], { private_metadata: "r1" }));
    await slack.submit("alice", viewId, { ttl: "60" });
    expect(last().payload).toMatchObject({
      type: "view_submission",
      view: {
        id: viewId,
        callback_id: "twins",
        private_metadata: "r1",
        app_installed_team_id: slack.teamId,
        state: { values: { ttl: { "ttl.text": { type: "plain_text_input", value: "60" } } } },
      },
    });
    expect(slack.views("alice")).toEqual([]);
  });

  test("Slack's client submits nothing that is incomplete", async () => {
    const element = { type: "number_input", action_id: "n", is_decimal_allowed: false, max_value: "480" };
    const viewId = await opened(modal([input("ttl"), input("count", { element, optional: true })]));
    await expect(slack.submit("alice", viewId)).rejects.toThrow("ttl.text is required");
    await expect(slack.submit("alice", viewId, { ttl: "1", n: "481" })).rejects.toThrow("to 480");
    await expect(slack.submit("alice", viewId, { nothing: "1" })).rejects.toThrow("no input nothing");
    await expect(slack.submit("bob", viewId)).rejects.toThrow("bob has no view");
    await slack.submit("alice", viewId, { n: "480" });
    expect(slack.views("alice")).toEqual([]);
  });

  test("errors stay under their inputs until the next try; for other blocks they are refused", async () => {
    const viewId = await opened();
    answerWith({ response_action: "errors", errors: { ttl: "too long" } });
    expect((await slack.submit("alice", viewId, { ttl: "x" })).shown?.errors).toEqual({ ttl: "too long" });
    expect(top()?.errors).toEqual({ ttl: "too long" });
    answerWith({ response_action: "errors", errors: { other: "?" } });
    await slack.submit("alice", viewId);
    expect(top()).not.toHaveProperty("errors");
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "dispatch_failed" }]);
  });

  test("update keeps what was entered, push adds a view, clear closes all", async () => {
    const viewId = await opened();
    answerWith({ response_action: "update", view: modal([input("ttl"), { type: "divider" }]) });
    await slack.submit("alice", viewId, { ttl: "60" });
    expect(top()).toMatchObject({ id: viewId, state: { values: { ttl: { "ttl.text": { value: "60" } } } } });
    answerWith({ response_action: "push", view: modal([input("sure")], { external_id: "second" }) });
    await slack.submit("alice", viewId);
    expect(top()).toMatchObject({ root_view_id: viewId, previous_view_id: viewId });
    await expect(slack.submit("alice", viewId)).rejects.toThrow("not the one on top");
    const updated = await api("views.update", { external_id: "second", view: modal([input("really")]) });
    expect(updated.ok).toBe(true);
    answerWith({ response_action: "clear" });
    await slack.submit("alice", top()?.id ?? "", { really: "yes" });
    expect(slack.views("alice")).toEqual([]);
  });

  test("a submission that is not answered leaves the modal, and says so", async () => {
    const viewId = await opened();
    appAnswers(() => ({ silent: true }));
    expect((await slack.submit("alice", viewId, { ttl: "1" })).timedOut).toBe(true);
    expect(top()?.id).toBe(viewId);
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "operation_timeout" }]);
  });

  test("updates with an old hash conflict, unknown views are not found", async () => {
    const viewId = await opened();
    const before = top()?.hash;
    const fresh = await api("views.update", { view_id: viewId, hash: before, view: modal() });
    expect(fresh.ok).toBe(true);
    const stale = { view_id: viewId, hash: before, view: modal() };
    expect(await api("views.update", stale)).toMatchObject({ error: "hash_conflict" });
    expect(await api("views.update", { view_id: "V0NONE", view: modal() })).toMatchObject({
      error: "not_found",
    });
  });

  test("a press in a modal brings view and hash, and its trigger pushes up to three deep", async () => {
    const withButton = modal([{ type: "actions", block_id: "more", elements: [select, button] }]);
    await opened(withButton);
    const errors: unknown[] = [];
    for (let depth = 2; depth <= 4; depth += 1) {
      const { id = "", hash } = top() ?? {};
      const { payload } = await slack.pressInView("alice", id, "run.teardown");
      expect(payload).toMatchObject({ container: { type: "view", view_id: id }, view: { hash } });
      expect(payload).not.toHaveProperty("response_url");
      errors.push((await api("views.push", { trigger_id: payload.trigger_id, view: withButton })).error);
    }
    expect(errors).toEqual([undefined, undefined, "push_limit_reached"]);
    const outside = await api("views.push", { trigger_id: await trigger(), view: withButton });
    expect(outside.error).toBe("invalid_trigger_id");
  });

  test("closing tells the app only when it asked, and without what was typed", async () => {
    expect((await slack.closeView("alice", await opened())).delivered).toBe(false);
    const viewId = await opened(modal([input("ttl")], { notify_on_close: true }));
    await slack.closeView("alice", viewId, { all: true });
    expect(last().payload).toMatchObject({
      type: "view_closed",
      is_cleared: true,
      view: { state: { values: {} } },
    });
    expect(slack.views("alice")).toEqual([]);
  });

  test("an external select asks the app for options", async () => {
    const element = { type: "external_select", action_id: "pick", min_query_length: 2 };
    const viewId = await opened(modal([input("twin", { element })]));
    answerWith({ options: [option("stripe")] });
    const { options } = await slack.suggest("alice", viewId, "pick", "st");
    expect(last().payload).toMatchObject({ type: "block_suggestion", value: "st", action_id: "pick" });
    expect(options).toEqual([option("stripe")]);
    await expect(slack.suggest("alice", viewId, "pick", "s")).rejects.toThrow("from 2 characters");
  });

  test("a conversation input can ask for a response_url", async () => {
    const element = { type: "conversations_select", action_id: "where", response_url_enabled: true };
    const viewId = await opened(modal([input("channel", { element })]));
    const { id } = slack.channel("ops");
    const { payload } = await slack.submit("alice", viewId, { channel: id });
    const [first] = payload.response_urls as { response_url: string; channel_id: string }[];
    expect(first?.channel_id).toBe(id);
    await respond(first?.response_url, { text: "started", response_type: "in_channel" });
    expect(slack.messages("ops")).toMatchObject([{ text: "started" }]);
  });

  test("the Home tab is published for each person, and its buttons work", async () => {
    const view = { type: "home", blocks: [actions] };
    const { id: user_id } = slack.user("alice");
    const published = await api("views.publish", { user_id, view });
    expect(slack.home("bob")).toBeUndefined();
    const { id = "", hash } = slack.home("alice") ?? {};
    await slack.pressInView("alice", id, "run.extend", { value: "30" });
    expect(last().payload).toMatchObject({
      view: {
        type: "home",
        state: { values: { "run:r1": { "run.extend": { selected_option: { value: "30" } } } } },
      },
    });
    expect(published.view).toMatchObject({ hash });
    expect(await api("views.publish", { user_id, view, hash: "old" })).toMatchObject({
      error: "hash_conflict",
    });
    expect(await api("views.publish", { user_id, view: modal() })).toMatchObject({
      error: "invalid_arguments",
    });
  });
});
