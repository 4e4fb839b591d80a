import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach } from "vitest";
import { type Slack, type SlackMessage, type SlackOptions, startSlack } from "../../sim/slack/server.ts";
import { callSlack } from "./slack-call.ts";

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

/** The workspace of the test that is under way. */
export let slack: Slack;
let server: Server;
let now: number;
/** What came to the app, oldest first. */
export let received: Received[];
/** What the app answers; an empty 200 unless a test says otherwise. */
let reply: (received: Received) => Reply;

/** What it answers from now on. */
export function appAnswers(next: (received: Received) => Reply): void {
  reply = next;
}

/** Puts the workspace's clock forward. */
export function timePasses(ms: number): void {
  now += ms;
}

export async function begin(options: SlackOptions = {}): Promise<void> {
  const timing = { eventRetryMs: [10, 10, 10] };
  slack = await startSlack({ now: () => now, rateLimits: false, timing, ...options });
  const { port } = server.address() as AddressInfo;
  slack.requestUrl(`http://127.0.0.1:${port}/slack/events`);
}

/** The app answers nothing; who waits for it waits for a shorter time than in Slack. */
export async function fallSilent(): Promise<void> {
  await slack.close();
  await begin({ timing: { ackMs: 250, eventRetryMs: [10, 10, 10] } });
  reply = () => ({ silent: true });
}

/** Each test of this file has a workspace of its own, and an app that answers over HTTP and notes what came. */
export function withApp(): void {
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
}

export const last = () => {
  const found = received.at(-1);
  if (found === undefined) throw new Error("nothing was received");
  return found;
};

export const api = (method: string, args: Record<string, unknown>) => callSlack(slack, method, args);

export async function respond(url: unknown, body: unknown): Promise<[number, string]> {
  const response = await fetch(String(url), { method: "POST", body: JSON.stringify(body) });
  return [response.status, await response.text()];
}

export const plain = (text: string) => ({ type: "plain_text", text });
export const option = (value: string) => ({ text: plain(value), value });
export const select = {
  type: "static_select",
  action_id: "run.extend",
  placeholder: plain("Extend"),
  options: [option("30"), option("60")],
};
export const button = { type: "button", action_id: "run.teardown", text: plain("Tear down"), value: "now" };
export const actions = { type: "actions", block_id: "run:r1", elements: [select, button] };

export async function card(channel = "dev", extra: Record<string, unknown> = {}): Promise<SlackMessage> {
  const { id } = slack.channel(channel);
  await api("chat.postMessage", { channel: id, text: "card", blocks: [actions], ...extra });
  const message = slack.messages(channel).at(-1);
  if (message === undefined) throw new Error("there is no card");
  return message;
}
