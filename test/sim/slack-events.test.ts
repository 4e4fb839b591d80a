import { describe, expect, test } from "vitest";
import { api, appAnswers, begin, last, received, slack, withApp } from "./slack-app.ts";

withApp();

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
    appAnswers(() => ({ status: 500 }));
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

    appAnswers(() => ({ status: 500, headers: { "x-slack-no-retry": "1" } }));
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
