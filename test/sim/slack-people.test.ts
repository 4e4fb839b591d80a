import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, type SlackMessage, type SlackOptions, startSlack } from "../../sim/slack/server.ts";

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  form: URLSearchParams;
  payload: Record<string, unknown>;
}

interface Reply {
  status?: number;
  type?: string;
  body?: string;
  headers?: Record<string, string>;
  /** Never answers. */
  silent?: boolean;
}

let slack: Slack;
let server: Server;
let now: number;
let received: Received[];
/** What the app answers; an empty 200 unless a test says otherwise. */
let reply: (received: Received) => Reply;

async function begin(options: SlackOptions = {}): Promise<void> {
  const timing = { eventRetryMs: [10, 10, 10] };
  slack = await startSlack({ now: () => now, rateLimits: false, timing, ...options });
  const { port } = server.address() as AddressInfo;
  slack.requestUrl(`http://127.0.0.1:${port}/slack/events`);
}

/** The app answers nothing; who waits for it waits for a shorter time than in Slack. */
async function fallSilent(): Promise<void> {
  await slack.close();
  await begin({ timing: { ackMs: 250, eventRetryMs: [10, 10, 10] } });
  reply = () => ({ silent: true });
}

beforeEach(async () => {
  now = 1_763_785_000_000;
  received = [];
  reply = () => ({});
  server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const payload = JSON.parse(form.get("payload") ?? (body.startsWith("{") ? body : "{}"));
    const one = { headers: request.headers, body, form, payload };
    received.push(one);
    const { silent, status = 200, type, body: answer = "", headers = {} } = reply(one);
    if (silent) return;
    response.writeHead(status, type === undefined ? headers : { ...headers, "content-type": type });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await begin();
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await slack.close();
});

const last = () => {
  const found = received.at(-1);
  if (found === undefined) throw new Error("nothing was received");
  return found;
};

async function api(method: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${slack.botToken}` };
  const response = await fetch(slack.apiUrl + method, {
    method: "POST",
    headers,
    body: JSON.stringify(args),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function respond(url: unknown, body: unknown): Promise<[number, string]> {
  const response = await fetch(String(url), { method: "POST", body: JSON.stringify(body) });
  return [response.status, await response.text()];
}

const plain = (text: string) => ({ type: "plain_text", text });
const option = (value: string) => ({ text: plain(value), value });
const select = {
  type: "static_select",
  action_id: "run.extend",
  placeholder: plain("Extend"),
  options: [option("30"), option("60")],
};
const button = { type: "button", action_id: "run.teardown", text: plain("Tear down"), value: "now" };
const actions = { type: "actions", block_id: "run:r1", elements: [select, button] };

async function card(channel = "dev", extra: Record<string, unknown> = {}): Promise<SlackMessage> {
  const { id } = slack.channel(channel);
  await api("chat.postMessage", { channel: id, text: "card", blocks: [actions], ...extra });
  const message = slack.messages(channel).at(-1);
  if (message === undefined) throw new Error("there is no card");
  return message;
}

describe("a command", () => {
  test("is an exact form, signed over its very bytes", async () => {
    await slack.command("alice", "dev", "/arga", "twins stripe & co");
    const { headers, body, form } = last();
    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    const basis = `v0:${headers["x-slack-request-timestamp"]}:${body}`;
    const mac = createHmac("sha256", slack.signingSecret).update(basis).digest("hex");
    expect(headers["x-slack-signature"]).toBe(`v0=${mac}`);
    expect(Object.fromEntries(form)).toMatchObject({
      team_id: slack.teamId,
      channel_id: slack.channel("dev").id,
      channel_name: "dev",
      user_id: slack.user("alice").id,
      command: "/arga",
      text: "twins stripe & co",
      api_app_id: slack.appId,
      is_enterprise_install: "false",
    });
    expect(form.has("thread_ts")).toBe(false);
    expect(form.get("trigger_id")?.split(".")).toHaveLength(3);
  });

  test("tells no names of private conversations, and comes where the bot is not", async () => {
    await slack.command("alice", "secret", "/arga", "");
    expect(last().form.get("channel_name")).toBe("privategroup");
    await slack.command("bob", "dm:bob", "/arga", "");
    expect(last().form.get("channel_name")).toBe("directmessage");
    await slack.command("alice", "lonely", "/arga", "");
    expect(last().form.get("channel_id")).toBe(slack.channel("lonely").id);
  });

  test("needs a composer: membership, and a channel that is not archived", async () => {
    await expect(slack.command("carol", "dev", "/arga", "")).rejects.toThrow("carol is not in dev");
    await expect(slack.command("nobody", "dev", "/arga", "")).rejects.toThrow("no user nobody");
    expect(received).toEqual([]);
  });

  test("with should_escape has ids for people and channels, and entities", async () => {
    await slack.close();
    await begin({ slashEscape: true });
    await slack.command(
      "alice",
      "dev",
      "/arga",
      "test https://x.test/?a=1&b=2. @bob #dev #secret a<b @nobody",
    );
    const [bob, dev, secret] = [slack.user("bob").id, slack.channel("dev").id, slack.channel("secret").id];
    expect(last().form.get("text")).toBe(
      `test <https://x.test/?a=1&amp;b=2>. <@${bob}|bob> <#${dev}|dev> <#${secret}|> a&lt;b @nobody`,
    );
  });

  test.each([
    ["plain text", { body: "usage" }, { kind: "ack", text: "usage" }],
    ["JSON", { type: "application/json", body: '{"text":"usage"}' }, { kind: "ack", text: "usage" }],
    ["JSON without its type", { body: '{"text":"usage"}' }, { kind: "ack", text: '{"text":"usage"}' }],
    ["a status that is not 200", { status: 500, body: "oops" }, { kind: "operation_timeout" }],
    [
      "blocks that Slack refuses",
      { type: "application/json", body: '{"blocks":[{"type":"x"}]}' },
      { kind: "dispatch_failed" },
    ],
  ])("answered with %s", async (_, answer, shown) => {
    reply = () => answer;
    await slack.command("alice", "dev", "/arga", "");
    expect(slack.ephemerals("alice", "dev")).toMatchObject([shown]);
    expect([...slack.ephemerals("bob"), ...slack.messages("dev")]).toEqual([]);
  });

  test("a late answer is not heard, and the time is the limit's", async () => {
    await fallSilent();
    const { timedOut, ackMs, status } = await slack.command("alice", "dev", "/arga", "");
    expect({ timedOut, status }).toEqual({ timedOut: true, status: undefined });
    expect(ackMs).toBeGreaterThanOrEqual(240);
    expect(slack.ephemerals("alice", "dev")).toMatchObject([{ kind: "operation_timeout" }]);
    expect([...slack.ephemerals("bob"), ...slack.messages("dev")]).toEqual([]);
    expect(slack.log.at(-1)).toMatchObject({ kind: "timeout", method: "/arga", error: "http_timeout" });
  });

  test("answered in_channel shows what was typed, too", async () => {
    reply = () => ({ type: "application/json", body: '{"response_type":"in_channel","text":"hi all"}' });
    await slack.command("alice", "dev", "/arga", "help");
    expect(slack.messages("dev").map(({ text }) => text)).toEqual(["/arga help", "hi all"]);
    reply = () => ({ type: "application/json", body: '{"response_type":"in_channel"}' });
    await slack.command("alice", "dev", "/arga", "list");
    expect(slack.messages("dev").at(-1)?.text).toBe("/arga list");
  });

  test("nobody at the request URL", async () => {
    slack.requestUrl("http://127.0.0.1:1/");
    expect(await slack.command("alice", "dev", "/arga", "")).toMatchObject({ failure: "connection_failed" });
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "dispatch_failed" }]);
    expect(() => slack.requestUrl("https://example.com/")).toThrow("on this machine");
  });

  test("can be sent again, byte by byte", async () => {
    const delivery = await slack.command("alice", "dev", "/arga", "x");
    reply = () => ({ body: "not shown" });
    await slack.redeliver(delivery);
    const [first, second] = received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["x-slack-signature"]).toBe(first?.headers["x-slack-signature"]);
    expect(slack.ephemerals("alice")).toEqual([]);
  });

  test("a request made by hand has the signature and time that were asked for", async () => {
    await slack.rawDelivery({ body: "a=1", timestamp: 1, signature: "v0=bad", headers: { "x-extra": "1" } });
    expect(last().headers).toMatchObject({ "x-slack-signature": "v0=bad", "x-slack-request-timestamp": "1" });
    await slack.rawDelivery({ body: "{}", contentType: "application/json", signature: null });
    expect(last().headers).not.toHaveProperty("x-slack-signature");
  });
});

describe("a response_url", () => {
  const responseUrl = async () => (await slack.command("alice", "dev", "/arga", "")).payload.response_url;

  test("takes five posts, in the channel or for the invoker alone", async () => {
    const url = await responseUrl();
    expect(await respond(url, { text: "mine" })).toEqual([200, "ok"]);
    expect(await respond(url, { text: "ours", response_type: "in_channel" })).toEqual([200, "ok"]);
    expect(slack.ephemerals("alice", "dev")).toMatchObject([{ kind: "response_url", text: "mine" }]);
    expect(slack.messages("dev")).toMatchObject([{ text: "ours", bot_id: slack.botId }]);
    for (const text of ["3", "4", "5"]) await respond(url, { text });
    expect(await respond(url, { text: "6" })).toEqual([404, '{"ok":false,"error":"used_url"}']);
    expect(slack.log.at(-1)).toMatchObject({ kind: "response_url", ok: false, error: "used_url" });
  });

  test("lives for thirty minutes", async () => {
    const url = await responseUrl();
    now += 30 * 60_000;
    expect((await respond(url, { text: "just so" }))[0]).toBe(200);
    now += 1;
    expect(await respond(url, { text: "late" })).toEqual([404, '{"ok":false,"error":"expired_url"}']);
    expect((await respond(`${slack.url}/commands/T/1/x`, { text: "x" }))[0]).toBe(404);
  });

  test("refuses what cannot be shown, and that costs no use", async () => {
    const url = await responseUrl();
    expect(await respond(url, {})).toEqual([400, '{"ok":false,"error":"no_text"}']);
    expect(await respond(url, { text: "x", colour: "red" })).toEqual([
      400,
      '{"ok":false,"error":"invalid_payload"}',
    ]);
    expect(await respond(url, { blocks: [{ type: "x" }] })).toEqual([
      400,
      '{"ok":false,"error":"invalid_blocks"}',
    ]);
    for (const text of ["1", "2", "3", "4", "5"]) expect((await respond(url, { text }))[0]).toBe(200);
  });

  test("works where the bot is no member", async () => {
    const { payload } = await slack.command("alice", "lonely", "/arga", "");
    await respond(payload.response_url, { text: "here", response_type: "in_channel" });
    expect(slack.messages("lonely")).toMatchObject([{ text: "here" }]);
  });

  test("of a press replaces or deletes the message, of an ephemeral one too", async () => {
    const pressed = await slack.press("bob", await card(), "run.teardown");
    await respond(pressed.payload.response_url, { replace_original: true, text: "gone" });
    expect(slack.messages("dev")).toMatchObject([{ text: "gone", blocks: [], history: [{ text: "card" }] }]);
    await respond(pressed.payload.response_url, { delete_original: true });
    expect(slack.messages("dev")).toEqual([]);

    const { id: channel } = slack.channel("dev");
    await api("chat.postEphemeral", { channel, user: slack.user("bob").id, text: "psst", blocks: [actions] });
    const [psst] = slack.ephemerals("bob");
    if (psst === undefined) throw new Error("nothing was shown");
    const { payload } = await slack.press("bob", psst, "run.teardown");
    expect(payload.container).toMatchObject({ is_ephemeral: true });
    expect(payload.message).not.toHaveProperty("blocks");
    await respond(payload.response_url, { replace_original: true, text: "done" });
    expect(slack.ephemerals("bob")).toMatchObject([{ text: "done", history: [{ text: "psst" }] }]);
    await respond(payload.response_url, { delete_original: true });
    expect(slack.ephemerals("bob")).toEqual([]);
    await expect(slack.press("bob", psst, "run.teardown")).rejects.toThrow("is gone");
  });

  test("fails as it was told to", async () => {
    const url = await responseUrl();
    slack.fault({ method: "response_url", status: 500, times: 1 });
    expect((await respond(url, { text: "x" }))[0]).toBe(500);
    slack.fault({ method: "response_url", action: "lose", times: 1 });
    await expect(respond(url, { text: "y" })).rejects.toThrow();
    expect(slack.ephemerals("alice").map(({ text }) => text)).toEqual(["y"]);
  });
});

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
    reply = () => ({ status: 404 });
    const { shown } = await slack.press("bob", await card(), "run.teardown");
    expect(shown?.text).toContain("404");
    expect(slack.ephemerals("bob")).toMatchObject([{ kind: "operation_timeout" }]);
  });
});

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
    reply = () => ({ type: "application/json", body: JSON.stringify(body) });
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
    now += 3001;
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
    reply = () => ({ silent: true });
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

describe("events over HTTP", () => {
  test("a mention comes as an event_callback with its authorizations", async () => {
    const { message: parent } = await slack.postAsUser("bob", "dev", "hm");
    await slack.mention("alice", "dev", "help", { threadTs: parent.ts });
    const { headers, payload } = last();
    expect(headers["content-type"]).toBe("application/json");
    expect(payload).toMatchObject({
      type: "event_callback",
      team_id: slack.teamId,
      event: { type: "app_mention", user: slack.user("alice").id, thread_ts: parent.ts },
      authorizations: [{ team_id: slack.teamId, user_id: slack.botUserId, is_bot: true }],
    });
    expect(JSON.stringify(payload.event)).toContain(`<@${slack.botUserId}> help`);
  });

  test("are retried three times with number and reason, unless the app says no", async () => {
    reply = () => ({ status: 500 });
    await slack.directMessage("alice", "help");
    await slack.until(() => received.length === 4);
    const retries = received.map(({ headers }) => [
      headers["x-slack-retry-num"],
      headers["x-slack-retry-reason"],
    ]);
    expect(retries.slice(0, 2)).toEqual([
      [undefined, undefined],
      ["1", "http_error"],
    ]);
    expect(retries[3]).toEqual(["3", "http_error"]);
    expect(new Set(received.map(({ payload }) => payload.event_id)).size).toBe(1);

    reply = () => ({ status: 500, headers: { "x-slack-no-retry": "1" } });
    await slack.openHome("alice");
    await slack.openHome("alice");
    expect(received.slice(4).map(({ headers }) => headers["x-slack-retry-num"])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("a direct message is heard, in a thread of it too; other channels are not", async () => {
    await slack.directMessage("alice", "hello");
    expect(last().payload.event).toMatchObject({ type: "message", channel_type: "im", text: "hello" });
    const [first] = slack.messages("dm:alice");
    await slack.postAsUser("alice", "dm:alice", "more", { threadTs: first?.ts ?? "" });
    expect(last().payload.event).toMatchObject({ text: "more", thread_ts: first?.ts });
    expect((await slack.postAsUser("alice", "dev", "hello")).delivered).toBe(false);
  });

  test("only where the bot is, with its scopes, and for its domains", async () => {
    expect((await slack.mention("alice", "lonely", "help")).delivered).toBe(false);
    expect((await slack.postAsUser("alice", "dev", "https://app.arga.test/runs/1")).delivered).toBe(false);
    await slack.close();
    await begin({ scopes: ["chat:write", "links:read", "links:write"], unfurlDomains: ["arga.test"] });
    expect((await slack.mention("alice", "dev", "help")).delivered).toBe(false);
    const url = "https://app.arga.test/runs/1?a=1&b=2";
    const { message } = await slack.postAsUser("alice", "dev", `see ${url}`);
    expect(last().payload.event).toMatchObject({
      type: "link_shared",
      links: [{ domain: "arga.test", url }],
    });
    const about = { channel: message.channel, ts: message.ts };
    expect(await api("chat.unfurl", { ...about, unfurls: { [url]: { text: "run 1" } } })).toEqual({
      ok: true,
    });
    expect(slack.messages("dev").at(-1)?.attachments).toMatchObject([{ text: "run 1", from_url: url }]);
    const other = { ...about, unfurls: { "https://x.test": { text: "x" } } };
    expect(await api("chat.unfurl", other)).toMatchObject({ error: "cannot_unfurl_url" });
  });
});
