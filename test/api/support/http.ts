import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { z } from "zod";
import { ArgaError } from "../../../src/api/errors.ts";
import { Transport } from "../../../src/api/transport.ts";

/** Servers that answer as a test wants, and a transport to ask them with. */

export const KEY = "arga_sk_never_to_be_shown";
const closers: (() => Promise<unknown>)[] = [];

/** Ends all that was started; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A server that answers in its own way, and what it was asked. */
export async function serve(answer: RequestListener): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method, path: url, headers, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export const json =
  (status: number, body: unknown, headers = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
export const text =
  (status: number, body: string, type = "text/plain") =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "content-type": type }).end(body);
  };
export const cut = (_: IncomingMessage, response: ServerResponse) => void response.socket?.resetAndDestroy();

/** The answers in turn; the last one goes on. */
export const inTurn = (...answers: RequestListener[]): RequestListener => {
  let n = 0;
  return (request, response) => answers[Math.min(n++, answers.length - 1)]?.(request, response);
};

export function transport(
  url: string,
  more: Partial<ConstructorParameters<typeof Transport>[0]> = {},
): Transport {
  const made = new Transport({ url, key: KEY, ...more });
  closers.unshift(() => made.destroy());
  return made;
}

const schema = z.object({ ok: z.boolean() });
export const get = (arga: Transport, signal?: AbortSignal) =>
  arga.request({ method: "GET", path: "/things/1", route: "/things/{id}", schema, signal });
export const post = (arga: Transport, signal?: AbortSignal) =>
  arga.request({ method: "POST", path: "/things", route: "/things", body: { a: 1 }, schema, signal });

export async function failure(call: Promise<unknown>): Promise<ArgaError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArgaError) return error;
  throw new Error(`not an ArgaError: ${inspect(error)}`);
}

export const failureOf = async (answer: RequestListener, call = post) =>
  failure(call(transport((await serve(answer)).url, { retries: 0 })));
