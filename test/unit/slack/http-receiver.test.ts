import { createHmac } from "node:crypto";
import { connect, type Socket } from "node:net";
import { App } from "@slack/bolt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HttpServer } from "../../../src/runtime/http.ts";
import { slackLogger } from "../../../src/slack/logger.ts";
import { HttpReceiver } from "../../../src/slack/receivers/http.ts";

const SECRET = "of-this-test";
const MB = 1024 * 1024;

let server: HttpServer;
let receiver: HttpReceiver;
let port: number;
let lines: { msg: string; why?: string; count?: number }[];
/** Of each acknowledgement, of what it was. */
let acked: string[];
let sockets: Socket[];

beforeEach(async () => {
  lines = [];
  acked = [];
  sockets = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const seen = new Set<string>();
  receiver = new HttpReceiver({
    logger,
    onAck: (type, seconds) => void (seconds >= 0 && acked.push(type)),
    signingSecrets: [SECRET],
    isNew: async (signature) => seen.size < seen.add(signature).size,
  });
  const authorize = async () => ({ botId: "B1", botUserId: "U0" });
  const app = new App({ receiver, authorize, logger: slackLogger(logger) });
  app.options("kinds", async ({ ack, body }) => {
    await ack({ options: [{ text: { type: "plain_text", text: body.value }, value: body.value }] });
  });
  app.command("/arga", async ({ ack, body }) => {
    if (body.text === "throw") throw new Error("a handler's mistake");
    await ack(body.text === "json" ? { text: "é" } : body.text);
  });
  app.action("run.lock", async ({ ack }) => {
    await ack();
  });
  app.event("app_mention", async ({ event }) => {
    if (event.text === "throw") throw new Error("a handler's mistake");
  });
  server = new HttpServer(logger);
  server.on("/slack/events", (request, response) => receiver.handle(request, response));
  await app.start();
  port = await server.listen(0);
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  server.destroy();
});

const now = (): string => String(Math.floor(Date.now() / 1000));
const sign = (timestamp: string, body: string | Buffer): string =>
  `v0=${createHmac("sha256", SECRET).update(`v0:${timestamp}:`).update(body).digest("hex")}`;

const FORGED = `v0=${"0".repeat(64)}`;
const forged = (): Record<string, string> => ({
  "x-slack-request-timestamp": now(),
  "x-slack-signature": FORGED,
});

async function post(body: string, headers?: Record<string, string>): Promise<Response> {
  const timestamp = now();
  return await fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(headers ?? {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign(timestamp, body),
      }),
    },
  });
}

interface Held {
  socket: Socket;
  answer: () => string;
}

/** Sends the head of a request; its body is left to the caller. */
async function hold(headers: Record<string, string>): Promise<Held> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString();
  });
  socket.on("error", () => {});
  const head = Object.entries({ host: "bot", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  await new Promise<void>((resolve) =>
    socket.write(`POST /slack/events HTTP/1.1\r\n${head.join("")}\r\n`, () => resolve()),
  );
  return { socket, answer: () => answer };
}

const statusOf = ({ answer }: Held): number => Number(answer().slice(9, 12));
const typed = (text: string): string =>
  new URLSearchParams({ command: "/arga", team_id: "T1", user_id: "U1", channel_id: "C1", text }).toString();

/** Signed as Slack signs JSON. */
async function postJson(payload: unknown): Promise<Response> {
  const [timestamp, body] = [now(), JSON.stringify(payload)];
  return await post(body, {
    "content-type": "application/json; charset=utf-8",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": sign(timestamp, body),
  });
}

describe("what is answered", () => {
  test("is a text as it is, anything else as JSON, each timed as what it was", async () => {
    const plain = await post(typed("hello"));
    expect([plain.status, plain.headers.get("content-type"), await plain.text()]).toEqual([
      200,
      null,
      "hello",
    ]);
    const json = await post(typed("json"));
    expect(json.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(json.headers.get("content-length")).toBe("13");
    expect(await json.json()).toEqual({ text: "é" });
    expect(acked).toEqual(["command", "command"]);
  });

  test("is nothing where a handler makes a mistake: Slack's person sees no time-out, and the log says why", async () => {
    const failed = await post(typed("throw"));
    expect([failed.status, await failed.text()]).toEqual([200, ""]);
    expect(lines.map(({ msg }) => msg)).toContain("Failed to handle a delivery");
    expect(acked).toEqual(["command"]);
  });

  test("is an event once it is handled, or failed", async () => {
    const mention = { type: "app_mention", user: "U1", channel: "C1", ts: "1.2" };
    const event = (text: string) => ({ type: "event_callback", team_id: "T1", event: { ...mention, text } });
    expect((await postJson(event("help"))).status).toBe(200);
    expect((await postJson(event("throw"))).status).toBe(200);
    expect(acked).toEqual(["event", "event"]);
  });

  test("is timed by the type of what it's for, however long somebody makes that", async () => {
    const payload = { type: "block_actions", user: { id: "U1" }, team: { id: "T1" }, channel: { id: "C1" } };
    const press = { ...payload, actions: [{ type: "button", action_id: "run.lock", block_id: "b" }] };
    const form = (of: object) => new URLSearchParams({ payload: JSON.stringify(of) }).toString();
    await post(form(press));
    await post(form({ ...press, type: "x".repeat(300) }));
    await post("a=b");
    expect(acked).toEqual(["block_actions"]);
  });

  test("is Slack's own word when it verifies the address", async () => {
    const response = await postJson({ type: "url_verification", challenge: "3eZbrw" });
    expect([response.status, await response.text()]).toEqual([200, "3eZbrw"]);
    const empty = await postJson({ type: "url_verification" });
    expect([empty.status, await empty.text()]).toEqual([200, ""]);
  });

  test("is no handler for what has none", async () => {
    const response = await post(typed("x").replace("%2Farga", "%2Fother"));
    expect([response.status, await response.text()]).toEqual([404, "No handler for this."]);
  });

  test.each(["[1]", "null", '"text"', "{"])("is a refusal of %s, which is no delivery", async (body) => {
    const timestamp = now();
    const headers = {
      "content-type": "application/json",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": sign(timestamp, body),
    };
    const response = await post(body, headers);
    expect([response.status, await response.text()]).toEqual([400, "Expected a form or JSON."]);
  });

  test("is that Slack posts here, to whoever asks otherwise", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/slack/events`);
    expect([response.status, response.headers.get("allow"), await response.text()]).toEqual([
      405,
      "POST",
      "Slack posts here.",
    ]);
  });

  test("is to come back, before and after the bot takes any", async () => {
    await receiver.stop();
    const response = await post(typed("hello"));
    expect([response.status, await response.text()]).toEqual([503, "Not taking requests right now."]);
    await receiver.start();
    expect((await post(typed("hello"))).status).toBe(200);
  });
});

test("secrets can be replaced while it runs", async () => {
  receiver.useSecrets(["another"]);
  expect((await post(typed("hello"))).status).toBe(401);
  receiver.useSecrets(["another", SECRET]);
  expect((await post(typed("hello again"))).status).toBe(200);
});

describe("before its body is read", () => {
  test.each([
    ["without a signature", {}],
    ["with half a signature", { "x-slack-request-timestamp": now(), "x-slack-signature": "v0=00" }],
    ["from yesterday", { "x-slack-request-timestamp": "1700000000", "x-slack-signature": FORGED }],
  ])("a request %s is refused", async (_name, headers) => {
    const held = await hold({ ...headers, "content-length": String(MB) });
    await expect.poll(() => statusOf(held)).toBe(401);
  });

  test("a request that says it is larger than 1 MB is refused", async () => {
    const held = await hold({ ...forged(), "content-length": String(MB + 1) });
    await expect.poll(() => statusOf(held)).toBe(413);
  });

  test("one that doesn't say how long it is, and isn't signed, is refused after a few bytes", async () => {
    const held = await hold({ "transfer-encoding": "chunked" });
    held.socket.write(`c9\r\n${"x".repeat(201)}\r\n`);
    await expect.poll(() => statusOf(held)).toBe(401);
  });
});

test("a body of exactly 1 MB is taken, one byte more is not, however it is sent", async () => {
  const body = typed("x").padEnd(MB, "x");
  expect((await post(body)).status).toBe(200);
  expect((await post(`${body}x`)).status).toBe(413);
  const chunked = await hold({ ...forged(), "transfer-encoding": "chunked" });
  chunked.socket.write(`${(MB + 1).toString(16)}\r\n${body}x\r\n`);
  await expect.poll(() => statusOf(chunked)).toBe(413);
});

test("a refused body of 1 MB is read past: its sender gets the answer", async () => {
  expect((await post("x".repeat(MB), {})).status).toBe(401);
});

test("who sends too much sees the answer, although it's there before all is sent and the connection ends with it", async () => {
  for (let n = 0; n < 20; n++) {
    const held = await hold({ ...forged(), connection: "close", "content-length": String(8 * MB) });
    await expect.poll(() => statusOf(held)).toBe(413);
    // Each piece is taken: a connection that was closed would answer with a reset.
    for (let sent = 0; sent < 8; sent++) {
      const isTaken = new Promise<Error | null | undefined>((resolve) => {
        held.socket.write("x".repeat(MB), resolve);
      });
      expect(await isTaken).toBeFalsy();
    }
    await expect.poll(() => held.socket.readableEnded || held.socket.destroyed).toBe(true);
  }
});

test("Slack's own probe, which isn't signed, is answered", async () => {
  expect((await post("ssl_check=1&token=x", {})).status).toBe(200);
  expect((await post(`ssl_check=1&token=${"x".repeat(200)}`, {})).status).toBe(401);
});

test("bodies that are held open make room for others, the largest first, and Slack's are taken", async () => {
  const part = "x".repeat(MB - 1);
  const all: Held[] = [];
  for (let i = 0; i < 80; i++) {
    const held = await hold({ ...forged(), "content-length": String(MB) });
    held.socket.write(part);
    all.push(held);
  }
  // 32 MB may be held: 80 would need more than twice of that.
  await expect.poll(() => all.filter((held) => statusOf(held) === 503).length).toBe(80 - 32);
  expect(await (await post(typed("hello"))).text()).toBe("hello");
  for (const { socket } of all) socket.destroy();
  expect(await (await post(typed("again"))).text()).toBe("again");
});

test("a body in the smallest of pieces is the same body", async () => {
  const body = typed("in pieces").padEnd(200_000, "x");
  const timestamp = now();
  const held = await hold({
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": sign(timestamp, body),
    "transfer-encoding": "chunked",
  });
  held.socket.write([...body].map((letter) => `1\r\n${letter}\r\n`).join(""));
  held.socket.write("0\r\n\r\n");
  await expect.poll(() => statusOf(held)).toBe(200);
});

describe("a signed delivery that isn't as Slack sends them is refused before anyone reads it:", () => {
  const press = { type: "block_actions", user: { id: "U1" }, team: { id: "T1" }, channel: { id: "C1" } };
  const message = { type: "app_mention", user: "U1", channel: "C1", ts: "1.2", text: "help" };

  test.each<[string, Record<string, unknown>]>([
    ["a name that is an object", { ...press, user: { id: "U1", username: { a: 1 } } }],
    ["an id that is an object", { ...press, user: { id: { a: 1 } } }],
    ["no person", { ...press, user: undefined }],
    ["an endless id", { ...press, channel: { id: "C".repeat(1_000) } }],
    ["a list in place of an action", { ...press, actions: [["run.lock"]] }],
    [
      "a form's value that is a number",
      { ...press, view: { state: { values: { a: { b: { value: 5 } } } } } },
    ],
    ["a URL that is an object", { ...press, response_urls: [{ channel_id: "C1", response_url: {} }] }],
    ["a message's text that is a list", { type: "event_callback", event: { ...message, text: ["help"] } }],
    ["a time that is a number", { type: "event_callback", event: { ...message, ts: 1.2 } }],
    ["no event", { type: "event_callback" }],
  ])("%s", async (_, payload) => {
    const isEvent = payload.type === "event_callback";
    const json = JSON.stringify(payload);
    const timestamp = now();
    const body = isEvent ? json : new URLSearchParams({ payload: json }).toString();
    const response = await post(body, {
      ...(isEvent ? { "content-type": "application/json" } : {}),
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": sign(timestamp, body),
    });
    expect(response.status).toBe(400);
    expect(lines.map(({ msg }) => msg)).toEqual(["Ignored a delivery that isn't as Slack sends them"]);
  });
});

test("the same question of a menu twice in one second is answered twice, the same command once", async () => {
  const timestamp = now();
  const menu = { type: "block_suggestion", action_id: "kinds", block_id: "b", value: "str" };
  const payload = { ...menu, user: { id: "U1" }, team: { id: "T1" }, container: { type: "view" } };
  const twice = async (body: string): Promise<number[]> => {
    const headers = { "x-slack-request-timestamp": timestamp, "x-slack-signature": sign(timestamp, body) };
    return [(await post(body, headers)).status, (await post(body, headers)).status];
  };
  expect(await twice(new URLSearchParams({ payload: JSON.stringify(payload) }).toString())).toEqual([
    200, 200,
  ]);
  expect(await twice(typed("hello"))).toEqual([200, 401]);
});

test("thousands of unsigned requests are two lines in a minute, with their number", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (let i = 0; i < 50; i++) await post("a=b", {});
  const said = () => lines.map(({ msg, why, count }) => [msg, why, count]);
  const line = "Rejected a request that didn't come from Slack";
  expect(said()).toEqual([[line, "no signature", 1]]);
  vi.advanceTimersByTime(60_000);
  expect(said()).toEqual([
    [line, "no signature", 1],
    [line, "no signature", 49],
  ]);
  vi.advanceTimersByTime(60_000);
  await post("a=b", {});
  expect(said()).toHaveLength(3);
  vi.useRealTimers();
});
