import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "./refusal.ts";
import type { Reply } from "./router.ts";

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
  response.writeHead(status, {
    "content-type": text ? "text/plain; charset=utf-8" : "application/json",
    ...headers,
  });
  response.end(text ? body : JSON.stringify(body));
}

/** Cuts the connection with a TCP reset, as a crashed proxy does. */
export function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
