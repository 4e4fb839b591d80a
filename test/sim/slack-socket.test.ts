import { App, SocketModeReceiver } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;
let app: App | undefined;
const raw: WebSocket[] = [];

beforeEach(async () => {
  slack = await startSlack({ timing: { eventRetryMs: [20, 20, 20] } });
});

afterEach(async () => {
  await app?.stop();
  app = undefined;
  for (const socket of raw.splice(0)) socket.terminate();
  await slack.close();
});

/** The real receiver; its pause before a reconnect is its ping timeout, five seconds by default. */
async function startBolt(): Promise<App> {
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const { appToken, botToken: token } = slack;
  const receiver = new SocketModeReceiver({
    appToken,
    clientPingTimeout: 200,
    installerOptions: { clientOptions },
  });
  app = new App({ token, receiver, clientOptions, deferInitialization: true });
  await app.init();
  await app.start();
  return app;
}

async function connectionUrl(): Promise<string> {
  const headers = { authorization: `Bearer ${slack.appToken}` };
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, { method: "POST", headers });
  return ((await response.json()) as { url: string }).url;
}

interface Frame {
  type: string;
  reason?: string;
  envelope_id?: string;
  accepts_response_payload?: boolean;
  retry_attempt?: number;
  retry_reason?: string;
  payload?: { command?: string; event?: { type: string }; event_id?: string };
}

interface Raw {
  socket: WebSocket;
  frames: Frame[];
  ack(index: number, payload?: unknown): void;
}

async function connect(url?: string): Promise<Raw> {
  const socket = new WebSocket(url ?? (await connectionUrl()));
  raw.push(socket);
  const frames: Frame[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(String(data))));
  socket.on("error", () => {});
  await slack.until(() => frames.length > 0 || socket.readyState === WebSocket.CLOSED);
  const ack = (index: number, payload?: unknown) =>
    socket.send(JSON.stringify({ envelope_id: frames[index]?.envelope_id, payload }));
  return { socket, frames, ack };
}

describe("Bolt over Socket Mode", () => {
  test("answers a command with text and with blocks, and a bare ack shows nothing", async () => {
    const bolt = await startBolt();
    bolt.command("/arga", async ({ ack, command }) => {
      if (command.text === "text") await ack("plain");
      else if (command.text === "blocks") await ack({ text: "rich", blocks: [{ type: "divider" }] });
      else await ack();
    });
    expect((await slack.command("alice", "dev", "/arga", "text")).shown?.text).toBe("plain");
    expect((await slack.command("alice", "dev", "/arga", "blocks")).shown?.blocks).toMatchObject([
      { type: "divider" },
    ]);
    const bare = await slack.command("alice", "dev", "/arga", "");
    expect(bare).toMatchObject({ transport: "socket", timedOut: false });
    expect(bare).not.toHaveProperty("shown");
    expect(slack.ephemerals("alice")).toHaveLength(2);
  });

  test.each(["refresh_requested", "warning"] as const)("comes back after %s", async (reason) => {
    const bolt = await startBolt();
    bolt.command("/arga", async ({ ack }) => ack("back"));
    slack.sockets.disconnect(reason);
    const opened = (now: Slack) => now.log.filter(({ method }) => method === "open").length === 2;
    await slack.until((now) => opened(now) && now.sockets.count() === 1);
    expect((await slack.command("alice", "dev", "/arga", "")).shown?.text).toBe("back");
  });

  test("comes back after a connection that broke, and hears the events of the gap", async () => {
    const bolt = await startBolt();
    const heard: string[] = [];
    bolt.event("app_mention", async ({ event }) => void heard.push(event.text));
    slack.sockets.drop();
    const missed = await slack.mention("alice", "dev", "hello");
    expect(missed).toMatchObject({ timedOut: true, failure: "no_socket" });
    await slack.until(() => heard.length === 1);
    expect(heard[0]).toContain("hello");
  });
});

describe("the protocol", () => {
  test("a connection URL is good for one connection", async () => {
    const url = await connectionUrl();
    const { frames } = await connect(url);
    expect(frames[0]).toMatchObject({
      type: "hello",
      num_connections: 1,
      connection_info: { app_id: slack.appId },
    });
    const second = await connect(url);
    expect(second.frames).toEqual([]);
    expect(slack.sockets.count()).toBe(1);
  });

  test("the eleventh socket is sent away", async () => {
    await slack.close();
    slack = await startSlack({ rateLimits: false });
    for (let each = 0; each < 10; each += 1) await connect();
    const eleventh = await connect();
    expect(eleventh.frames).toMatchObject([{ type: "disconnect", reason: "too_many_websockets" }]);
    expect(slack.sockets.count()).toBe(10);
  });

  test("deliveries go round, and each to one socket alone", async () => {
    const sockets = [await connect(), await connect()];
    const typed = [1, 2, 3, 4].map((each) => slack.command("alice", "dev", "/arga", String(each)));
    await slack.until(() => sockets.every(({ frames }) => frames.length === 3));
    for (const { ack } of sockets) for (const index of [1, 2]) ack(index, {});
    expect((await Promise.all(typed)).map(({ timedOut }) => timedOut)).toEqual([false, false, false, false]);
  });

  test("an acknowledgement on another socket or after three seconds counts for nothing", async () => {
    const [one, other] = [await connect(), await connect()];
    const typed = slack.command("alice", "dev", "/arga", "");
    const frames = () => [...one.frames, ...other.frames].filter(({ type }) => type === "slash_commands");
    const [frame] = await slack.until(() => frames().length > 0 && frames());
    const wrong = one.frames.includes(frame as Frame) ? other : one;
    wrong.socket.send(JSON.stringify({ envelope_id: frame?.envelope_id, payload: { text: "x" } }));
    expect(await typed).toMatchObject({ timedOut: true });
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "operation_timeout" }]);
    expect(slack.log.some(({ method, ok }) => method === "unexpected_ack" && !ok)).toBe(true);
  });

  test("events accept no answer, and are retried with attempt and reason", async () => {
    const { frames, ack } = await connect();
    const mentioned = slack.mention("alice", "dev", "hello");
    await slack.until(() => frames.length === 2);
    expect(frames[1]).toMatchObject({
      type: "events_api",
      accepts_response_payload: false,
      retry_attempt: 0,
      retry_reason: "",
    });
    expect((await mentioned).timedOut).toBe(true);
    await slack.until(() => frames.length === 3);
    expect(frames[2]).toMatchObject({ retry_attempt: 1, retry_reason: "timeout" });
    expect(frames[2]?.payload?.event_id).toBe(frames[1]?.payload?.event_id);
    ack(2, { text: "not shown" });
    await slack.until(({ log }) => log.some(({ kind }) => kind === "ack"));
    expect(slack.ephemerals("alice")).toEqual([]);
  });

  test("nobody connected: the person is told", async () => {
    expect(await slack.command("alice", "dev", "/arga", "")).toMatchObject({ timedOut: true, ackMs: 0 });
    expect(slack.ephemerals("alice")).toMatchObject([{ kind: "operation_timeout" }]);
  });

  test("the same envelope can come again", async () => {
    const { frames, ack } = await connect();
    const typed = slack.command("alice", "dev", "/arga", "");
    await slack.until(() => frames.length === 2);
    ack(1, {});
    const again = slack.redeliver(await typed);
    await slack.until(() => frames.length === 3);
    expect(frames[2]).toEqual(frames[1]);
    ack(2, { text: "not shown" });
    expect((await again).timedOut).toBe(false);
    expect(slack.ephemerals("alice")).toEqual([]);
  });

  test("link_disabled closes; a hello can be kept back", async () => {
    const { socket, frames } = await connect();
    slack.sockets.disconnect("link_disabled");
    await slack.until(() => socket.readyState === WebSocket.CLOSED);
    expect(frames.at(-1)).toMatchObject({ type: "disconnect", reason: "link_disabled" });
    slack.fault({ method: "hello", delayMs: 150, times: 1 });
    const startedAt = Date.now();
    await connect();
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(140);
  });
});
