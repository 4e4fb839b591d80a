import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { faultOf, meet } from "./faults.ts";
import { typeOf, uploaded } from "./files.ts";
import { defined } from "./json.ts";
import { postResponse } from "./response-posts.ts";
import { callMethod } from "./web-api/dispatch.ts";
import type { World } from "./world.ts";

const MAX_BODY = 5_000_000;
/** Of a file; Slack itself takes up to a gigabyte. */
const MAX_FILE = 32_000_000;
/** Where the bytes of files go, and where they come from. */
const UPLOADS = "/upload/v1/";
const FILES = /^\/files-pri\/(F\w+)\//;
const HOOKS = /^\/(commands|actions|app-actions|app)\//;

/** What a handler answers; `stream` goes on telling; `reset` breaks the connection, `hang` leaves it waiting. */
export type HttpReply =
  | {
      kind: "answer";
      status: number;
      type: string;
      headers?: Readonly<Record<string, string>>;
      body: string | Buffer;
    }
  | { kind: "stream"; feed: Feed }
  | { kind: "reset" }
  | { kind: "hang" };

/** Tells events, one after the other, until the function it returns is called. */
type Feed = (tell: (event: string, data: unknown) => void) => () => void;

export interface HttpRequest {
  readonly verb: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly bytes: Buffer;
}

/** Answers what is neither the Web API nor a response_url; undefined when it is not for it. */
export type Extension = (request: HttpRequest) => Promise<HttpReply | undefined>;

export interface HttpSide {
  /** @returns the base URL @throws when the port is taken */
  listen(port: number): Promise<string>;
  /** Breaks every connection. */
  close(): Promise<void>;
}

/** The server of the Web API, the response_urls, the sockets and the extensions; not listening yet. */
export function createHttp(world: World, extensions: readonly Extension[]): HttpSide {
  const server = createServer((request, response) => {
    serve(world, extensions, request)
      .catch(broken)
      .then((reply) => {
        // Its own clock, which need not be ours.
        response.setHeader("date", new Date(world.settings.now()).toUTCString());
        send(response, reply);
      });
  });
  const upgrades = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const ticket = new URL(request.url ?? "/", world.url).searchParams.get("ticket");
    // What Slack answers to a used ticket is not published.
    if (world.sockets.redeem(ticket))
      upgrades.handleUpgrade(request, socket, head, (webSocket) => void greet(world, webSocket));
    else socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n");
  });
  return { listen: (port) => listen(server, port), close: () => close(server, upgrades) };
}

function close(server: Server, upgrades: WebSocketServer): Promise<void> {
  for (const socket of upgrades.clients) socket.terminate();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

/** The hello can be delayed or kept back by a fault rule on `hello`. */
async function greet(world: World, socket: WebSocket): Promise<void> {
  const { kind } = await meet(world.faults.take("hello"), () => {});
  if (kind === "hang") return;
  if (kind === "proceed") world.sockets.accept(socket);
  else socket.terminate();
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Loopback alone: everybody who can reach it can act as anybody.
    server.listen(port, "127.0.0.1", () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${bound}`);
    });
  });
}

async function serve(
  world: World,
  extensions: readonly Extension[],
  message: IncomingMessage,
): Promise<HttpReply> {
  const request = await received(world, message);
  if (request === undefined) return text(413, "too large");
  if (!isLocal(request.headers.host)) return text(403, "this is for the machine itself");
  const { pathname } = request.url;
  if (pathname.startsWith("/api/")) return api(world, pathname.slice("/api/".length), request);
  if (HOOKS.test(pathname) && request.verb === "POST") return hook(world, pathname, request.body);
  if (pathname.startsWith(UPLOADS) && request.verb === "POST") return await upload(world, request);
  const file = world.files.find(FILES.exec(pathname)?.[1] ?? "");
  if (file?.bytes) return { kind: "answer", status: 200, type: typeOf(file), body: file.bytes };
  for (const extension of extensions) {
    const reply = await extension(request);
    if (reply !== undefined) return reply;
  }
  return text(404, "not found");
}

async function received(world: World, message: IncomingMessage): Promise<HttpRequest | undefined> {
  const url = new URL(message.url ?? "/", world.url);
  const most = url.pathname.startsWith(UPLOADS) ? MAX_FILE : MAX_BODY;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > most) return undefined;
    parts.push(bytes);
  }
  const bytes = Buffer.concat(parts);
  return { verb: message.method ?? "GET", url, headers: message.headers, body: bytes.toString(), bytes };
}

/** A web page elsewhere must not drive the workspace through a name that it made point here. */
function isLocal(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "");
}

async function api(
  world: World,
  name: string,
  { verb, url, headers, body }: HttpRequest,
): Promise<HttpReply> {
  const contentType = headers["content-type"] ?? "";
  const incoming = { verb, query: url.searchParams, contentType, authorization: headers.authorization, body };
  const reply = await callMethod(world, name, incoming);
  if (reply.kind !== "answer") return reply;
  return json(reply.status, reply.body, reply.headers);
}

async function hook(world: World, path: string, body: string): Promise<HttpReply> {
  const reply = await postResponse(world, path, body);
  if (reply.kind !== "answer") return reply;
  const headers = defined({ "retry-after": reply.retryAfter?.toString() });
  return { kind: "answer", status: reply.status, type: "text/plain", headers, body: reply.body };
}

/** What an upload to such an address is answered with if it fails is not published. A fault rule on `upload` counts for it. */
async function upload(world: World, { url, headers, bytes }: HttpRequest): Promise<HttpReply> {
  const rule = world.faults.take("upload");
  const held = { kind: "held", method: "upload", args: {}, ok: true, applied: false } as const;
  const verdict = await meet(rule, () => world.log.write(held));
  if (verdict.kind === "reset" || verdict.kind === "hang") return verdict;
  if (verdict.kind === "answer") return text(verdict.status, verdict.error);
  const body = uploaded(bytes, headers["content-type"] ?? "");
  const file = world.files.upload(url.pathname.slice(UPLOADS.length), body);
  const args = { size: body.length, ...defined({ file: file?.id }) };
  const ok = file !== undefined;
  world.log.write({
    kind: "api",
    method: "upload",
    args,
    ok,
    applied: ok,
    ...defined({ fault: faultOf(rule) }),
  });
  if (verdict.kind === "lose") return { kind: "reset" };
  return ok ? text(200, `OK - ${body.length}`) : text(404, "no such upload");
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  return {
    kind: "answer",
    status,
    type: "application/json; charset=utf-8",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

function text(status: number, body: string): HttpReply {
  return { kind: "answer", status, type: "text/plain; charset=utf-8", body };
}

function broken(error: unknown): HttpReply {
  return text(500, `the simulator itself failed: ${error instanceof Error ? error.stack : String(error)}`);
}

function send(response: ServerResponse, reply: HttpReply): void {
  if (reply.kind === "hang") return;
  if (reply.kind === "reset") {
    response.destroy();
    return;
  }
  if (reply.kind === "stream") {
    stream(response, reply.feed);
    return;
  }
  response.writeHead(reply.status, { ...reply.headers, "content-type": reply.type });
  response.end(reply.body);
}

/** Server-sent events. */
function stream(response: ServerResponse, feed: Feed): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const end = feed((event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  response.once("close", end);
}
