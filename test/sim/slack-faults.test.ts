import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;
let client: WebClient;

beforeEach(async () => {
  slack = await startSlack({ rateLimits: false });
  client = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
});

afterEach(() => slack.close());

const post = (text: string, channel = "dev") =>
  client.chat.postMessage({ channel: slack.channel(channel).id, text }).then(
    () => "ok",
    (error: { code: string; data?: { error: string }; statusCode?: number; retryAfter?: number }) =>
      error.data?.error ?? error.statusCode ?? error.retryAfter ?? error.code,
  );
const said = (channel = "dev") => slack.messages(channel).map(({ text }) => text);

describe("faults", () => {
  test("error, status and retryAfter answer without applying anything", async () => {
    slack.fault({ method: "chat.postMessage", error: "fatal_error", times: 1 });
    slack.fault({ method: /^chat\./, status: 503, times: 1 });
    slack.fault({ retryAfter: 7, times: 1 });
    expect([await post("a"), await post("b"), await post("c"), await post("d")]).toEqual([
      "fatal_error",
      503,
      7,
      "ok",
    ]);
    expect(said()).toEqual(["d"]);
  });

  test("after and times count matching calls; a channel narrows it down", async () => {
    slack.fault({ channel: "dev", after: 1, times: 1, error: "fatal_error" });
    expect(await post("other", "ops")).toBe("ok");
    expect([await post("a"), await post("b"), await post("c")]).toEqual(["ok", "fatal_error", "ok"]);
  });

  test("reset breaks the connection before anything is applied, lose after it", async () => {
    slack.fault({ action: "reset", times: 1 });
    expect(await post("a")).toBe("slack_webapi_request_error");
    slack.fault({ action: "lose", times: 1 });
    expect(await post("b")).toBe("slack_webapi_request_error");
    expect(said()).toEqual(["b"]);
    const [reset, lost] = slack.log.filter(({ kind }) => kind === "api");
    expect(reset).toMatchObject({ applied: false, fault: "reset" });
    expect(lost).toMatchObject({ applied: true, ok: true, fault: "lose" });
  });

  test("hold waits, and applies when it is let go", async () => {
    let letGo = () => {};
    const hold = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const undo = slack.fault({ hold });
    const posted = post("a");
    await slack.until(({ log }) => log.some(({ kind }) => kind === "held"));
    undo();
    expect(await post("b")).toBe("ok");
    letGo();
    expect(await posted).toBe("ok");
    expect(said()).toEqual(["b", "a"]);
  });

  test("delayMs answers late, hang never", async () => {
    slack.fault({ delayMs: 120, times: 1 });
    const startedAt = Date.now();
    await post("a");
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(110);
    slack.fault({ action: "hang" });
    const impatient = new WebClient(slack.botToken, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      timeout: 100,
    });
    await expect(impatient.auth.test()).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    slack.clearFaults();
    expect(await post("b")).toBe("ok");
  });
});

describe("until", () => {
  test("gives what the probe gives, as soon as it does", async () => {
    const found = slack.until((now) => now.messages("dev")[0]?.text);
    await post("hello");
    expect(await found).toBe("hello");
  });

  test("fails with the condition and what happened last", async () => {
    await post("hello");
    const vain = slack.until((now) => now.messages("ops").length > 0, 50);
    await expect(vain).rejects.toThrow(
      /waited 50 ms in vain for .*messages\("ops"\)[\s\S]*chat\.postMessage: ok/,
    );
  });
});
