import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "./refusal.ts";
import type { Reply } from "./router.ts";
import { type Frame, pieces, type StreamFault } from "./stream.ts";

const MAX_BODY_BYTES = 1_000_000;

/** The whole body, or undefined when it is over 1 MB: then it is read to its end all the same. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Answering in the middle of an upload would reach some clients as a broken pipe.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

/**
 * The JSON of a body, undefined for an empty one.
 * @throws Refusal 422 for another content type or broken JSON. A server in Arga's style answers so; its own
 * answer is not recorded.
 */
export function parseBody(text: string, contentType: string | undefined): unknown {
  if (text === "") return undefined;
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) {
    throw new Refusal(422, [
      { type: "content_type", loc: ["body"], msg: "Content-Type must be application/json" },
    ]);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(422, [{ type: "json_invalid", loc: ["body"], msg: "JSON decode error" }]);
  }
}

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = typeof body === "string";
  const isWhole = text || Buffer.isBuffer(body);
  response.writeHead(status, {
    "content-type": text ? "text/plain; charset=utf-8" : "application/json",
    ...headers,
  });
  response.end(isWhole ? body : JSON.stringify(body));
}

export interface StreamOut {
  reply: Reply;
  frames: (left: AbortSignal) => AsyncIterable<Frame>;
  fault: StreamFault | undefined;
}

/** Sends a stream to its end, which is also when the caller hangs up. */
export async function sendStream(response: ServerResponse, out: StreamOut): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  response.on("error", () => left.abort());
  response.writeHead(out.reply.status, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...out.reply.headers,
  });
  response.flushHeaders();
  for await (const piece of pieces(out.frames(left.signal), out.fault)) {
    if (piece === "cut") return cut(response);
    if (piece === "silence") return closed(left.signal);
    if (!response.write(piece)) await drained(response, left.signal);
    // Bytes that are to arrive one by one, or before a cut, must not wait for each other in the socket.
    if (out.fault) await flushed();
    if (left.signal.aborted) return;
  }
  response.end();
}

function closed(left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (left.aborted) resolve();
    else left.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function drained(response: ServerResponse, left: AbortSignal): Promise<void> {
  await Promise.race([closed(left), once(response, "drain")]);
}

function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Cuts the connection with a TCP reset, as a crashed proxy does. */
export function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
