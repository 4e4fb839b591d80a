import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  actions,
  api,
  appAnswers,
  begin,
  card,
  fallSilent,
  last,
  received,
  respond,
  slack,
  timePasses,
  withApp,
} from "./slack-app.ts";

withApp();

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
    appAnswers(() => answer);
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
    appAnswers(() => ({ type: "application/json", body: '{"response_type":"in_channel","text":"hi all"}' }));
    await slack.command("alice", "dev", "/arga", "help");
    expect(slack.messages("dev").map(({ text }) => text)).toEqual(["/arga help", "hi all"]);
    appAnswers(() => ({ type: "application/json", body: '{"response_type":"in_channel"}' }));
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
    appAnswers(() => ({ body: "not shown" }));
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
    timePasses(30 * 60_000);
    expect((await respond(url, { text: "just so" }))[0]).toBe(200);
    timePasses(1);
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
