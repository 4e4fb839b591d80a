import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";
import { closedPort } from "../../support/ports.ts";

/** What becomes of a call, by what comes back: whether it was done, may be done again, and when. */

interface Answer {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Cuts the connection instead. */
  cut?: true;
}

let answer: Answer;
let arrived: { url: string; authorization: string; type: string; body: string }[];
const outcomes: string[] = [];
const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { authorization = "", "content-type": type = "" } = request.headers;
  arrived.push({ url: request.url ?? "", authorization, type, body: Buffer.concat(chunks).toString() });
  if (answer.cut) return void request.socket.destroy();
  response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
  response.end(answer.body ?? '{"ok":true}');
});
let at: string;
let web: SlackWeb;

const slackAt = (apiUrl: string): SlackWeb =>
  new SlackWeb({
    apiUrl,
    tokens: new BotTokens("xoxb-1"),
    logger: pino({ level: "silent" }),
    calls: { inc: ({ method, outcome }) => void outcomes.push(`${method} ${outcome}`) },
  });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  web = slackAt(`${at}/api/`);
});
afterAll(() => void server.close());
beforeEach(() => {
  answer = {};
  arrived = [];
  outcomes.length = 0;
});

const isRefused = (error: string, more = "") => ({
  code: "SLACK_REFUSED",
  error,
  message: `Slack refused chat.update: ${error}${more}`,
});
const limited = (seconds: number) => ({
  code: "SLACK_RATE_LIMITED",
  retryAfterMs: seconds * 1_000,
  message: `Rate limited by Slack; retrying in ${seconds} s.`,
});
const unclear = (message: string | RegExp) => ({
  code: "SLACK_UNCLEAR",
  message: typeof message === "string" ? message : expect.stringMatching(message),
});

describe("a call", () => {
  test("goes to its method with the team's token, and brings what Slack says", async () => {
    answer = { body: '{"ok":true,"ts":"1.2"}' };
    expect(await web.call("T1", "chat.update", { channel: "C1", text: "a & b" })).toMatchObject({
      ts: "1.2",
    });
    expect(arrived).toMatchObject([{ url: "/api/chat.update", authorization: "Bearer xoxb-1" }]);
    expect(arrived[0]?.body).toContain("channel=C1");
    expect(outcomes).toEqual(["chat.update ok"]);
    expect(web.host).toBe(new URL(at).host);
  });

  test.each<[string, Answer, object]>([
    ["a refusal", { body: '{"ok":false,"error":"channel_not_found"}' }, isRefused("channel_not_found")],
    [
      "a refusal with its details",
      { body: '{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no"]}}' },
      isRefused("invalid_blocks", " [ERROR] no"),
    ],
    ["too many", { status: 429, headers: { "retry-after": "7" } }, limited(7)],
    ["too many, in a word", { body: '{"ok":false,"error":"ratelimited"}' }, limited(1)],
    ["too many, in another word", { body: '{"ok":false,"error":"rate_limited"}' }, limited(1)],
    [
      "a stumble",
      { body: '{"ok":false,"error":"internal_error"}' },
      unclear("Slack stumbled over chat.update: internal_error."),
    ],
    ["trouble", { status: 503, body: "no" }, unclear("Slack answered 503 to chat.update.")],
    ["a page", { body: "<html>hello</html>" }, unclear("Slack's answer to chat.update couldn't be read.")],
    ["nothing", { body: "" }, unclear("Slack's answer to chat.update couldn't be read.")],
    ["a cut", { cut: true }, unclear(/^Slack's answer to chat\.update was lost \(\w/)],
  ])("that meets %s says so", async (_what, given, expected) => {
    answer = given;
    await expect(web.call("T1", "chat.update", {})).rejects.toMatchObject(expected);
    // It's never sent again by itself.
    expect(arrived).toHaveLength(1);
    const { code, error } = expected as { code: string; error?: string };
    expect(outcomes).toEqual([`chat.update ${error ?? code}`]);
  });

  test("that never leaves may be made again", async () => {
    const nowhere = slackAt(`http://127.0.0.1:${await closedPort()}/api/`);
    await expect(nowhere.call("T1", "chat.update", {})).rejects.toMatchObject({
      code: "SLACK_UNREACHABLE",
      message: "I can't reach Slack (ECONNREFUSED).",
    });
  });
});

describe("an answer at a response_url", () => {
  test("is posted there as JSON", async () => {
    await web.respond(`${at}/response/1`, { text: "é" });
    expect(arrived).toMatchObject([
      { url: "/response/1", type: "application/json; charset=utf-8", body: '{"text":"é"}' },
    ]);
    expect(outcomes).toEqual(["response_url ok"]);
  });

  test.each<[string, Answer, object]>([
    ["too many", { status: 429, headers: { "retry-after": "3" } }, limited(3)],
    ["too many, for who knows how long", { status: 429, headers: { "retry-after": "soon" } }, limited(1)],
    ["trouble", { status: 500 }, unclear("Slack answered 500 to response_url.")],
    ["a refusal", { status: 404, body: "used_url" }, { code: "SLACK_REFUSED", error: "used_url" }],
    ["a page", { status: 403, body: "<html>" }, { code: "SLACK_REFUSED", error: "403" }],
    [
      "a way elsewhere",
      { status: 302, headers: { location: "http://127.0.0.1:1/" } },
      unclear(/^Slack's answer to response_url was lost/),
    ],
  ])("that meets %s says so", async (_what, given, expected) => {
    answer = given;
    await expect(web.respond(`${at}/response/1`, {})).rejects.toMatchObject(expected);
  });

  test("of somebody else's is never asked", async () => {
    const elsewhere = `http://127.0.0.1:${await closedPort()}/response/1`;
    await expect(web.respond(elsewhere, {})).rejects.toMatchObject({ error: "foreign_host" });
    await expect(web.upload(elsewhere, "a.png", new Uint8Array())).rejects.toMatchObject({
      error: "foreign_host",
    });
    expect(outcomes).toEqual([]);
  });
});

describe("a file", () => {
  test("is brought whole, under its name", async () => {
    await web.upload(`${at}/upload/1`, 'step "1".png', Buffer.from("bytes"));
    const [{ type = "", body = "" } = {}] = arrived;
    const [, boundary = "none"] = /^multipart\/form-data; boundary=([\w-]+)$/.exec(type) ?? [];
    expect(body.split("\r\n")).toEqual([
      `--${boundary}`,
      'content-disposition: form-data; name="body"; filename="step%20%221%22.png"',
      "content-type: application/octet-stream",
      "",
      "bytes",
      `--${boundary}--`,
      "",
    ]);
    expect(outcomes).toEqual(["upload ok"]);
  });

  test("that Slack doesn't take says why", async () => {
    answer = { status: 413, body: "too_large" };
    await expect(web.upload(`${at}/upload/1`, "a.png", new Uint8Array())).rejects.toMatchObject({
      error: "too_large",
    });
  });
});
