import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;
let now: number;

beforeEach(async () => {
  now = 1_763_785_000_000;
  slack = await startSlack({ now: () => now });
});

afterEach(() => slack.close());

interface Outcome {
  status: number;
  retryAfter: number;
  body: { ok: boolean; error?: string; ts?: string };
}

async function call(method: string, args: Record<string, string>, token = slack.botToken): Promise<Outcome> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(slack.apiUrl + method, {
    method: "POST",
    headers,
    body: new URLSearchParams(args),
  });
  const retryAfter = Number(response.headers.get("retry-after") ?? 0);
  return { status: response.status, retryAfter, body: (await response.json()) as Outcome["body"] };
}

const post = (channel: string) => call("chat.postMessage", { channel: slack.channel(channel).id, text: "x" });

async function statuses(times: number, act: () => Promise<Outcome>): Promise<number[]> {
  const seen: number[] = [];
  for (let turn = 0; turn < times; turn += 1) seen.push((await act()).status);
  return seen;
}

describe("posting", () => {
  test("a channel takes a burst of three, then one a second; other channels are not held up", async () => {
    expect(await statuses(4, () => post("dev"))).toEqual([200, 200, 200, 429]);
    const limited = await post("dev");
    expect(limited).toMatchObject({ retryAfter: 1, body: { ok: false, error: "ratelimited" } });
    expect((await post("ops")).status).toBe(200);
    now += 1000;
    expect(await statuses(2, () => post("dev"))).toEqual([200, 429]);
    expect(slack.messages("dev")).toHaveLength(4);
  });

  test("a refused call is in the log as not applied", async () => {
    await statuses(4, () => post("dev"));
    expect(slack.log.at(-1)).toMatchObject({ method: "chat.postMessage", status: 429, applied: false });
  });
});

describe("tiers", () => {
  test("chat.update has 50 a minute in the whole workspace, and says when it goes on", async () => {
    const { body } = await post("dev");
    const args = { channel: slack.channel("dev").id, ts: body.ts ?? "", text: "y" };
    const update = () => call("chat.update", args);
    expect((await statuses(50, update)).every((status) => status === 200)).toBe(true);
    now += 20_000;
    expect(await update()).toMatchObject({ status: 429, retryAfter: 40 });
    expect((await post("ops")).status).toBe(200);
    now += 40_000;
    expect((await update()).status).toBe(200);
  });

  test("apps.connections.open is the rarest", async () => {
    const open = () => call("apps.connections.open", {}, slack.appToken);
    expect((await statuses(11, open)).at(-1)).toBe(429);
  });

  test("the real client is told through its own error", async () => {
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, rejectRateLimitedCalls: true });
    const { id: channel } = slack.channel("dev");
    await statuses(3, () => post("dev"));
    const refused = client.chat.postMessage({ channel, text: "x" });
    await expect(refused).rejects.toMatchObject({ code: "slack_webapi_rate_limited_error", retryAfter: 1 });
  });

  test("without rate limits everything passes", async () => {
    await slack.close();
    slack = await startSlack({ rateLimits: false });
    expect((await statuses(20, () => post("dev"))).every((status) => status === 200)).toBe(true);
  });
});
