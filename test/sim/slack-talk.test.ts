import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderMessagesHtml } from "../../sim/slack/page/still.ts";
import type { Delivery, SlackMessage } from "../../sim/slack/server.ts";
import { type Slack, type SlackOptions, startSlack } from "../../sim/slack/server.ts";
import { callSlack } from "./slack-call.ts";

/** What people say and share, and what the app hears of it. Nobody listens here: what went out is enough. */

let slack: Slack;

const begin = async (options: SlackOptions = {}): Promise<void> => {
  slack = await startSlack({ rateLimits: false, timing: { ackMs: 20, eventRetryMs: [] }, ...options });
};

beforeEach(() => begin());
afterEach(() => slack.close());

const eventOf = ({ payload }: Delivery): Record<string, unknown> =>
  (payload.event ?? {}) as Record<string, unknown>;

const api = (method: string, args: Record<string, unknown>) => callSlack(slack, method, args);

const URL_ = "https://app.argalabs.com/runs/1?a=1&b=2";

const preview = (text: string) => ({
  blocks: [
    { type: "section", text: { type: "mrkdwn", text } },
    {
      type: "actions",
      block_id: "run:k7m2qx:1",
      elements: [
        { type: "button", action_id: "run.lock", text: { type: "plain_text", text: "Lock" } },
        {
          type: "static_select",
          action_id: "run.extend",
          placeholder: { type: "plain_text", text: "Extend…" },
          options: [{ text: { type: "plain_text", text: "30 min" }, value: "30" }],
        },
      ],
    },
  ],
});

const now = ({ channel, ts }: SlackMessage): SlackMessage | undefined =>
  slack.messages(channel).find((one) => one.ts === ts);

describe("a mention", () => {
  test("does not say what kind of channel it is in; a direct message does", async () => {
    const mention = eventOf(await slack.mention("alice", "secret", "help"));
    expect(mention).toMatchObject({ type: "app_mention", text: `<@${slack.botUserId}> help` });
    expect(mention).not.toHaveProperty("channel_type");
    const direct = eventOf(await slack.mention("alice", "dm:alice", "help"));
    expect(direct).toMatchObject({ type: "message", channel_type: "im" });
  });

  test("with a link in it is shared, too", async () => {
    await slack.mention("alice", "dev", `look at ${URL_}`);
    const told = slack.log.filter(({ kind }) => kind === "delivery").map(({ method }) => method);
    expect(told.sort()).toEqual(["app_mention", "link_shared"]);
  });
});

describe("a link of the app's domains", () => {
  test("is told without the punctuation around it, domains below count, and others do not", async () => {
    const { payload } = await slack.postAsUser("alice", "lonely", `is it (${URL_})?`);
    expect(payload.event).toMatchObject({
      links: [{ domain: "app.argalabs.com", url: URL_ }],
      source: "conversations_history",
      is_bot_user_member: false,
    });
    expect((await slack.postAsUser("alice", "dev", "https://a.app.argalabs.com/x")).delivered).toBe(true);
    expect((await slack.postAsUser("alice", "dev", "https://argalabs.com/x")).delivered).toBe(false);
  });

  test("a second unfurl changes the first one; the page shows it with its buttons", async () => {
    const { message } = await slack.postAsUser("alice", "dev", `see ${URL_}`);
    const about = { channel: message.channel, ts: message.ts };
    for (const text of ["starting", "ready"])
      expect(await api("chat.unfurl", { ...about, unfurls: { [URL_]: preview(text) } })).toEqual({
        ok: true,
      });
    const shown = now(message);
    expect(shown?.attachments).toHaveLength(1);
    expect(shown?.attachments).toMatchObject([{ id: 1, app_unfurl_url: URL_, is_app_unfurl: true }]);
    const html = renderMessagesHtml(shown ? [shown] : []);
    expect(html).toContain("ready");
    expect(html).toContain('data-action="run.lock"');
    expect(html).not.toContain("starting");
  });

  test("goes by unfurl_id and source as well; what is wrong is refused", async () => {
    const shared = await slack.postAsUser("alice", "dev", `see ${URL_}`);
    const { unfurl_id } = eventOf(shared);
    const unfurls = { [URL_]: preview("ready") };
    const byId = { unfurl_id, source: "conversations_history", unfurls };
    expect(await api("chat.unfurl", byId)).toEqual({ ok: true });
    const { channel, ts } = shared.message;
    const wrong: [Record<string, unknown>, string][] = [
      [{ unfurls }, "invalid_arguments"],
      [{ channel, unfurls }, "invalid_arguments"],
      [{ ...byId, unfurl_id: "U-1" }, "invalid_unfurl_id"],
      [{ ...byId, source: "composer" }, "invalid_source"],
      [{ channel, ts: "1.1", unfurls }, "cannot_find_message"],
      [{ channel, ts, unfurls: {} }, "missing_unfurls"],
      [{ channel, ts, unfurls: { "https://app.argalabs.com/runs/2": preview("x") } }, "cannot_unfurl_url"],
      [{ channel, ts, unfurls: { [URL_]: { blocks: [{ type: "bogus" }] } } }, "invalid_blocks"],
    ];
    for (const [args, error] of wrong) expect(await api("chat.unfurl", args)).toMatchObject({ error });
  });

  test("that is not sent yet is unfurled for its writer alone, by its id", async () => {
    const draft = await slack.compose("alice", "dev", `see ${URL_}`);
    const { unfurl_id, message_ts, channel } = eventOf(draft);
    expect(eventOf(draft)).toMatchObject({ source: "composer", channel: "COMPOSER" });
    const unfurls = { [URL_]: preview("ready") };
    expect(await api("chat.unfurl", { channel, ts: message_ts, unfurls })).toMatchObject({ ok: false });
    expect(await api("chat.unfurl", { unfurl_id, source: "composer", unfurls })).toEqual({ ok: true });
    expect(draft.previews()).toMatchObject([{ app_unfurl_url: URL_ }]);
    expect(slack.messages("dev")).toHaveLength(0);
    await expect(slack.compose("alice", "dev", "no link")).rejects.toThrow("no link of the app's domains");
  });

  test("a press in it says so, and has its own state", async () => {
    const { message } = await slack.postAsUser("alice", "dev", `see ${URL_}`);
    const about = { channel: message.channel, ts: message.ts };
    await api("chat.unfurl", { ...about, unfurls: { [URL_]: preview("ready") } });
    const { payload } = await slack.press("bob", message, "run.extend", { value: "30" });
    expect(payload).toMatchObject({
      container: {
        type: "message_attachment",
        message_ts: message.ts,
        channel_id: message.channel,
        attachment_id: 1,
        is_app_unfurl: true,
        app_unfurl_url: URL_,
      },
      app_unfurl: { app_unfurl_url: URL_ },
      channel: { id: message.channel },
      actions: [{ block_id: "run:k7m2qx:1", selected_option: { value: "30" } }],
      state: { values: { "run:k7m2qx:1": { "run.extend": { selected_option: { value: "30" } } } } },
    });
  });
});

describe("who comes in", () => {
  test("an invitation names who invited, and the channel has its member", async () => {
    const told = await slack.invite("alice", "lonely");
    expect(eventOf(told)).toMatchObject({
      type: "member_joined_channel",
      user: slack.botUserId,
      inviter: slack.user("alice").id,
      channel: slack.channel("lonely").id,
    });
    expect(slack.channels().find(({ name }) => name === "lonely")?.bot).toBe(true);
    expect(slack.messages("lonely").at(-1)).toMatchObject({ subtype: "channel_join" });
    expect((await slack.mention("alice", "lonely", "help")).delivered).toBe(true);
    await expect(slack.invite("alice", "lonely")).rejects.toThrow("already");
    await expect(slack.invite("bob", "ops", "bob")).rejects.toThrow("not in");
  });

  test("others who join are told of where the bot is, with the scope for that kind of channel", async () => {
    expect(eventOf(await slack.invite("alice", "dev", "carol"))).toMatchObject({
      user: slack.user("carol").id,
    });
    expect((await slack.invite("alice", "secret", "carol")).delivered).toBe(true);
    await slack.close();
    await begin({ scopes: ["channels:read"] });
    expect((await slack.invite("alice", "dev", "carol")).delivered).toBe(true);
    expect((await slack.invite("alice", "secret", "carol")).delivered).toBe(false);
    expect((await slack.invite("alice", "lonely", "carol")).delivered).toBe(false);
  });

  test("opening the direct conversation says which tab", async () => {
    expect(eventOf(await slack.openMessages("alice"))).toMatchObject({
      type: "app_home_opened",
      tab: "messages",
      channel: slack.channel("dm:alice").id,
    });
    expect(eventOf(await slack.openHome("alice"))).toMatchObject({ tab: "home" });
  });

  test("all of it can be done by hand", async () => {
    const act = async (name: string, body: unknown) =>
      (await fetch(`${slack.url}/_sim/${name}`, { method: "POST", body: JSON.stringify(body) })).status;
    expect(await act("invite", { user: "alice", channel: "lonely" })).toBe(200);
    expect(await act("messages-tab", { user: "alice" })).toBe(200);
    expect(await act("compose", { user: "alice", channel: "dev", text: URL_ })).toBe(200);
  });
});

test("the app hears of a mention wherever in the message it stands, and of none where it is no member", async () => {
  const told = await slack.postAsUser("alice", "dev", "what is running, @simbot?");
  expect(eventOf(told)).toMatchObject({ type: "app_mention", text: "what is running, <@U0SIMBOT>?" });
  expect(await slack.postAsUser("alice", "lonely", "hello @simbot")).toMatchObject({ delivered: false });
});
