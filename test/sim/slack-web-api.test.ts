import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;

beforeEach(async () => {
  slack = await startSlack({ rateLimits: false });
});

afterEach(() => slack.close());

type Answer = { ok: boolean; error?: string } & Record<string, unknown>;

/** A call as plain HTTP, the way that a person with curl would make it. */
async function call(method: string, args: Record<string, unknown> = {}, token?: string): Promise<Answer> {
  const response = await fetch(slack.apiUrl + method, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      ...(token === "" ? {} : { authorization: `Bearer ${token ?? slack.botToken}` }),
    },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Answer;
}

const errorOf = async (method: string, args: Record<string, unknown>, token?: string) =>
  (await call(method, args, token)).error;

const dev = () => slack.channel("dev").id;
const section = { type: "section", text: { type: "mrkdwn", text: "hello" } };

describe("who may call", () => {
  test("auth.test knows the bot through the real client", async () => {
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
    const { user_id, bot_id, team_id, response_metadata } = await client.auth.test();
    expect({ user_id, bot_id, team_id }).toEqual({
      user_id: slack.botUserId,
      bot_id: slack.botId,
      team_id: slack.teamId,
    });
    expect(response_metadata?.scopes).toContain("chat:write");
  });

  test("no token, a wrong one and one of another kind are three errors", async () => {
    expect(await errorOf("auth.test", {}, "")).toBe("not_authed");
    expect(await errorOf("auth.test", {}, "xoxb-wrong")).toBe("invalid_auth");
    expect(await errorOf("auth.test", {}, slack.appToken)).toBe("not_allowed_token_type");
    expect(await errorOf("apps.connections.open", {}, slack.botToken)).toBe("not_allowed_token_type");
  });

  test("a missing scope is named, together with those that there are", async () => {
    const answer = await call("reactions.add", { channel: dev(), name: "eyes", timestamp: "1.000000" });
    expect(answer).toMatchObject({ error: "missing_scope", needed: "reactions:write" });
    expect(answer.provided).toContain("chat:write");
  });

  test("the token may be a form field, and reads may be GET", async () => {
    const form = new URLSearchParams({ token: slack.botToken, user: slack.user("alice").id });
    const posted = await fetch(`${slack.apiUrl}users.info`, { method: "POST", body: form });
    expect(await posted.json()).toMatchObject({ ok: true, user: { name: "alice" } });
    const got = await fetch(`${slack.apiUrl}users.info?${form}`);
    expect(await got.json()).toMatchObject({ ok: true });
    const written = await fetch(
      `${slack.apiUrl}chat.postMessage?token=${slack.botToken}&channel=${dev()}&text=x`,
    );
    expect(await written.json()).toMatchObject({ ok: false });
  });

  test("another workspace's team_id is refused, the own one is fine everywhere", async () => {
    expect(await errorOf("auth.test", { team_id: "T0OTHER" })).toBe("team_access_not_granted");
    expect(await call("auth.test", { team_id: slack.teamId })).toMatchObject({ ok: true });
  });
});

describe("arguments", () => {
  test("unknown methods, unknown arguments and missing ones are refused", async () => {
    expect(await errorOf("chat.shout", {})).toBe("unknown_method");
    const unknown = await call("chat.postMessage", { channel: dev(), txt: "x" });
    expect(unknown.error).toBe("invalid_arguments");
    expect(JSON.stringify(unknown.response_metadata)).toContain("unknown argument: txt");
    const missing = await call("chat.update", { channel: dev(), text: "x" });
    expect(JSON.stringify(missing.response_metadata)).toContain("missing required field: ts");
  });

  test.each([
    ["{", "application/json", "invalid_json"],
    ["[]", "application/json", "json_not_object"],
    ["text=x", "text/plain", "invalid_post_type"],
    ["channel=C&blocks=%7B", "application/x-www-form-urlencoded", "invalid_blocks_format"],
    ["channel=C&metadata=%7B", "application/x-www-form-urlencoded", "invalid_metadata_format"],
  ])("a body %s of type %s is %s", async (body, type, error) => {
    const headers = { "content-type": type, authorization: `Bearer ${slack.botToken}` };
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, { method: "POST", headers, body });
    expect([response.status, await response.json()]).toMatchObject([200, { error }]);
  });
});

describe("chat.postMessage", () => {
  test("answers with the message, and the channel has it", async () => {
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
    const posted = await client.chat.postMessage({ channel: dev(), text: "hello", blocks: [section] });
    expect(posted.message).toMatchObject({ text: "hello", bot_id: slack.botId, user: slack.botUserId });
    const [message] = slack.messages("dev");
    expect(message).toMatchObject({ ts: posted.ts, channel: dev(), text: "hello" });
    expect(message?.blocks[0]).toHaveProperty("block_id");
    expect(posted.ts).toMatch(/^\d{10}\.\d{6}$/);
  });

  test.each([
    ["an unknown channel", () => ({ channel: "C0NONE" }), "channel_not_found"],
    ["a public channel without the bot", () => ({ channel: slack.channel("lonely").id }), "not_in_channel"],
    ["nothing to say", () => ({ text: "" }), "no_text"],
    ["a thread that is not", () => ({ thread_ts: "1.000000" }), "thread_not_found"],
    ["no JSON blocks", () => ({ blocks: "nonsense" }), "invalid_blocks_format"],
    ["attachments that are none", () => ({ attachments: { a: 1 } }), "invalid_attachments"],
    [
      "deep metadata",
      () => ({ metadata: { event_type: "e", event_payload: { a: { b: { c: 1 } } } } }),
      "invalid_metadata_schema",
    ],
    ["metadata without a type", () => ({ metadata: { event_payload: {} } }), "invalid_metadata_format"],
    ["markdown beside text", () => ({ markdown_text: "x" }), "markdown_text_conflict"],
    ["looks without the scope", () => ({ username: "Boss" }), "missing_scope"],
  ])("refuses %s", async (_, args, error) => {
    expect(await errorOf("chat.postMessage", { channel: dev(), text: "x", ...args() })).toBe(error);
    expect(slack.messages("dev")).toEqual([]);
  });

  test("a private channel without the bot does not exist for it, an archived one takes nothing", async () => {
    const channels = [
      { name: "hidden", members: ["alice"], private: true, bot: false },
      { name: "old", members: ["alice"], archived: true },
    ];
    await slack.close();
    slack = await startSlack({ channels });
    const hidden = slack.channel("hidden").id;
    expect(await errorOf("chat.postMessage", { channel: hidden, text: "x" })).toBe("channel_not_found");
    expect(await errorOf("conversations.info", { channel: hidden })).toBe("channel_not_found");
    expect(await errorOf("chat.postMessage", { channel: slack.channel("old").id, text: "x" })).toBe(
      "is_archived",
    );
  });

  test("bad blocks come back with their pointers", async () => {
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }, { type: "bogus" }];
    const answer = await call("chat.postMessage", { channel: dev(), text: "x", blocks });
    expect(answer.error).toBe("invalid_blocks");
    expect(JSON.stringify(answer.errors)).toContain("[json-pointer:/blocks/0/text/text]");
    expect(JSON.stringify(answer.response_metadata)).toContain("[ERROR]");
    expect(JSON.stringify(answer.errors)).toContain("/blocks/1");
  });

  test("text is cut at 40 000 characters, and that is said", async () => {
    const answer = await call("chat.postMessage", { channel: dev(), text: "x".repeat(40_001) });
    expect(answer).toMatchObject({ ok: true, warning: "message_truncated" });
    expect(slack.messages("dev")[0]?.text).toHaveLength(40_000);
  });

  test("a user id stands for the direct conversation", async () => {
    const { channel } = await call("chat.postMessage", { channel: slack.user("bob").id, text: "psst" });
    expect(channel).toBe(slack.channel("dm:bob").id);
    expect(slack.messages("dm:bob")).toMatchObject([{ text: "psst" }]);
  });

  test("replies are in their thread alone, unless they are broadcast; no replies to replies", async () => {
    const { ts: thread_ts } = await call("chat.postMessage", { channel: dev(), text: "card" });
    const reply = await call("chat.postMessage", { channel: dev(), text: "one", thread_ts });
    await call("chat.postMessage", { channel: dev(), text: "two", thread_ts, reply_broadcast: true });
    expect(slack.messages("dev").map(({ text }) => text)).toEqual(["card", "two"]);
    expect(slack.messages("dev", { thread: String(thread_ts) }).map(({ text }) => text)).toEqual([
      "one",
      "two",
    ]);
    const nested = { channel: dev(), text: "x", thread_ts: reply.ts };
    expect(await errorOf("chat.postMessage", nested)).toBe("cannot_reply_to_message");
  });

  test("ts values are unique and rise, also within one millisecond", async () => {
    const posts = Array.from({ length: 50 }, () => call("chat.postMessage", { channel: dev(), text: "x" }));
    const all = (await Promise.all(posts)).map(({ ts }) => String(ts));
    expect(new Set(all).size).toBe(50);
    const kept = slack.messages("dev").map(({ ts }) => ts);
    expect(kept).toEqual([...kept].sort());
  });
});

describe("chat.update", () => {
  const metadata = { event_type: "arga_run", event_payload: { run_id: "r1" } };
  let ts: string;

  beforeEach(async () => {
    const posted = await call("chat.postMessage", {
      channel: dev(),
      text: "card",
      blocks: [section],
      metadata,
    });
    ts = String(posted.ts);
  });

  const update = (args: Record<string, unknown>) => call("chat.update", { channel: dev(), ts, ...args });
  const card = () => slack.messages("dev").find((message) => message.ts === ts);

  test("text alone removes the blocks, keeps metadata, and shows as edited", async () => {
    await update({ text: "new" });
    expect(card()).toMatchObject({ text: "new", blocks: [], metadata, edited: { user: slack.botUserId } });
  });

  test("blocks do not show as edited", async () => {
    await update({ text: "new", blocks: [{ type: "divider" }] });
    expect(card()?.blocks).toMatchObject([{ type: "divider" }]);
    expect(card()).not.toHaveProperty("edited");
  });

  test("metadata alone keeps text and blocks; {} clears it; [] clears blocks", async () => {
    await update({ metadata: { event_type: "other", event_payload: {} } });
    expect(card()).toMatchObject({ text: "card", blocks: [section], metadata: { event_type: "other" } });
    await update({ metadata: {}, text: "bare", blocks: [] });
    expect(card()).not.toHaveProperty("metadata");
    expect(card()?.blocks).toEqual([]);
  });

  test("earlier states are kept with their times, and the log has the one before", async () => {
    await update({ text: "second" });
    await update({ text: "third" });
    expect(card()?.history.map(({ text }) => text)).toEqual(["card", "second"]);
    const entry = slack.log.findLast(({ method }) => method === "chat.update");
    expect(entry).toMatchObject({
      ok: true,
      applied: true,
      channel: dev(),
      ts,
      messageBefore: { text: "second" },
    });
  });

  test.each([
    ["nothing", {}, "no_text"],
    ["more than 4000 characters", { text: "x".repeat(4001) }, "msg_too_long"],
    ["bad blocks", { blocks: [{ type: "bogus" }] }, "invalid_blocks"],
    ["an unknown message", { ts: "1.000000", text: "x" }, "message_not_found"],
    ["a user's id for a DM", { channel: "U01ALICE", text: "x" }, "channel_not_found"],
  ])("refuses %s", async (_, args, error) => {
    expect((await update(args)).error).toBe(error);
    expect(card()?.history).toEqual([]);
  });

  test("other people's and ephemeral messages are not the bot's to edit or delete", async () => {
    const { message } = await slack.postAsUser("alice", "dev", "mine");
    const theirs = { channel: dev(), ts: message.ts };
    expect(await errorOf("chat.update", { ...theirs, text: "x" })).toBe("cant_update_message");
    expect(await errorOf("chat.delete", theirs)).toBe("cant_delete_message");
    const shown = await call("chat.postEphemeral", {
      channel: dev(),
      user: slack.user("bob").id,
      text: "psst",
    });
    const ephemeral = { channel: dev(), ts: shown.message_ts, text: "x" };
    expect(await errorOf("chat.update", ephemeral)).toBe("message_not_found");
  });

  test("chat.delete takes it away; a parent leaves a tombstone for its thread", async () => {
    await call("chat.postMessage", { channel: dev(), text: "reply", thread_ts: ts });
    await call("chat.delete", { channel: dev(), ts });
    expect(card()).toMatchObject({ subtype: "tombstone", blocks: [] });
    const single = await call("chat.postMessage", { channel: dev(), text: "single" });
    await call("chat.delete", { channel: dev(), ts: single.ts });
    expect(slack.messages("dev").map(({ text }) => text)).not.toContain("single");
  });
});

describe("chat.postEphemeral and others", () => {
  test("one person in the channel sees it; nobody outside can be shown one", async () => {
    const args = { channel: dev(), text: "psst" };
    await call("chat.postEphemeral", { ...args, user: slack.user("bob").id });
    expect(slack.ephemerals("bob", "dev")).toMatchObject([{ kind: "postEphemeral", text: "psst" }]);
    expect([...slack.ephemerals("alice"), ...slack.messages("dev")]).toEqual([]);
    const carol = { ...args, user: slack.user("carol").id };
    expect(await errorOf("chat.postEphemeral", carol)).toBe("user_not_in_channel");
  });

  test("a permalink names thread and channel", async () => {
    const { ts } = await call("chat.postMessage", { channel: dev(), text: "card" });
    const reply = await call("chat.postMessage", { channel: dev(), text: "reply", thread_ts: ts });
    const { permalink } = await call("chat.getPermalink", { channel: dev(), message_ts: reply.ts });
    expect(permalink).toContain(`/archives/${dev()}/p${String(reply.ts).replace(".", "")}?thread_ts=${ts}`);
  });

  test("blocks.validate needs no token and takes exactly one of three", async () => {
    expect(await call("blocks.validate", { blocks: [section] }, "")).toEqual({ ok: true });
    const { error, errors } = await call(
      "blocks.validate",
      { message: { text: "x", blocks: [{ type: "x" }] } },
      "",
    );
    expect(error).toBe("invalid_blocks");
    expect(errors).toMatchObject([{ pointer: "/blocks/0/type" }]);
    expect(await errorOf("blocks.validate", { blocks: [], view: {} }, "")).toBe("invalid_arguments");
  });

  test("reactions are added once and removed once", async () => {
    await slack.close();
    slack = await startSlack({ scopes: ["chat:write", "reactions:write"] });
    const { ts: timestamp } = await call("chat.postMessage", { channel: dev(), text: "card" });
    const args = { channel: dev(), timestamp, name: "eyes" };
    expect(await call("reactions.add", args)).toEqual({ ok: true });
    expect(await errorOf("reactions.add", args)).toBe("already_reacted");
    expect(slack.messages("dev")[0]?.reactions).toEqual([{ name: "eyes", users: [slack.botUserId] }]);
    expect(await call("reactions.remove", args)).toEqual({ ok: true });
    expect(await errorOf("reactions.remove", args)).toBe("no_reaction");
  });
});

describe("conversations", () => {
  test("history is newest first, without replies, in pages", async () => {
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
    for (const text of ["a", "b", "c", "d", "e"]) await client.chat.postMessage({ channel: dev(), text });
    const pages: string[][] = [];
    for await (const page of client.paginate("conversations.history", { channel: dev(), limit: 2 })) {
      const { messages } = page as unknown as { messages: { text: string }[] };
      pages.push(messages.map(({ text }) => text));
    }
    expect(pages).toEqual([["e", "d"], ["c", "b"], ["a"]]);
  });

  test("oldest and latest leave out the very ends, unless inclusive", async () => {
    const all: string[] = [];
    for (const text of ["a", "b", "c"])
      all.push(String((await call("chat.postMessage", { channel: dev(), text })).ts));
    const [oldest, , latest] = all;
    const textsOf = async (args: object) => {
      const { messages } = await call("conversations.history", { channel: dev(), oldest, latest, ...args });
      return (messages as { text: string }[]).map(({ text }) => text);
    };
    expect(await textsOf({})).toEqual(["b"]);
    expect(await textsOf({ inclusive: true })).toEqual(["c", "b", "a"]);
    expect(await errorOf("conversations.history", { channel: dev(), oldest: "soon" })).toBe(
      "invalid_ts_oldest",
    );
    expect(await errorOf("conversations.history", { channel: dev(), limit: 0 })).toBe("invalid_limit");
    expect(await errorOf("conversations.history", { channel: dev(), cursor: "nope" })).toBe("invalid_cursor");
  });

  test("replies begin with the parent; metadata is whole only when asked for", async () => {
    const metadata = { event_type: "arga_run", event_payload: { key: "k1" } };
    const { ts } = await call("chat.postMessage", { channel: dev(), text: "card" });
    await call("chat.postMessage", { channel: dev(), text: "told", thread_ts: ts, metadata });
    const replies = async (args: object) =>
      (await call("conversations.replies", { channel: dev(), ts, ...args })).messages;
    expect(await replies({})).toMatchObject([
      { text: "card", reply_count: 1, thread_ts: ts },
      { text: "told" },
    ]);
    expect(await replies({})).toMatchObject([{}, { metadata: { event_type: "arga_run" } }]);
    expect(JSON.stringify(await replies({}))).not.toContain("k1");
    expect(await replies({ include_all_metadata: true })).toMatchObject([{}, { metadata }]);
    const missing = { channel: dev(), ts: "1.000000" };
    expect(await errorOf("conversations.replies", missing)).toBe("thread_not_found");
  });

  test("history wants membership and the scope of its kind of channel", async () => {
    const lonely = slack.channel("lonely").id;
    expect(await errorOf("conversations.history", { channel: lonely })).toBe("not_in_channel");
    await slack.close();
    slack = await startSlack({ scopes: ["channels:history"] });
    const secret = await call("conversations.history", { channel: slack.channel("secret").id });
    expect(secret).toMatchObject({ error: "missing_scope", needed: "groups:history" });
  });

  test("info, members and open tell what Slack tells", async () => {
    const lonely = await call("conversations.info", { channel: slack.channel("lonely").id });
    expect(lonely.channel).toMatchObject({ name: "lonely", is_member: false, is_private: false });
    const { members } = await call("conversations.members", { channel: slack.channel("secret").id });
    expect(members).toEqual([slack.user("alice").id, slack.botUserId]);
    const users = slack.user("carol").id;
    const first = await call("conversations.open", { users });
    expect(first).toMatchObject({ ok: true, channel: { id: slack.channel("dm:carol").id } });
    expect(await call("conversations.open", { users })).toMatchObject({ already_open: true });
    expect(await errorOf("conversations.open", { users: "U0NONE" })).toBe("user_not_found");
    expect(await errorOf("users.info", { user: "U0NONE" })).toBe("user_not_found");
  });
});
