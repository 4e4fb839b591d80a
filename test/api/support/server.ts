import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ArgaClient } from "../../../src/api/client.ts";
import { ArgaError } from "../../../src/api/errors.ts";

/** Small servers that answer as a test wants, for what a good Arga would never do. */

const closers: (() => Promise<unknown>)[] = [];

/** Ends all that was started; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

export interface Seen {
  /** Method, path and query. */
  line: string;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** A client, the server that it talks to, and what that was asked. */
export async function serve(answer: RequestListener): Promise<{ client: ArgaClient; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: body === "" ? undefined : JSON.parse(body),
    });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new ArgaClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: "arga_sk_test",
  });
  closers.push(async () => {
    await client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, seen };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Answers by route; what is not among them is a 404, as from a server that does not know the path. */
export const routes =
  (known: Record<string, unknown>): RequestListener =>
  (request, response) => {
    const body = known[`${request.method} ${request.url}`];
    if (body === undefined) sendJson(response, { detail: "Not Found" }, 404);
    else sendJson(response, body);
  };

export async function failure(call: Promise<unknown>): Promise<ArgaError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArgaError) return error;
  throw new Error(`not an ArgaError: ${String(error)}`);
}

export async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}
