import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dialect } from "./dialect.ts";
import { type FaultRule, type Faults, faultReply } from "./faults.ts";
import { Refusal } from "./refusal.ts";
import type { ArgaRequest } from "./request-log.ts";
import type { Match, Reply, Route, Router } from "./router.ts";
import type { StreamFault } from "./stream.ts";
import { cut, parseBody, readBody, send, sendStream } from "./wire.ts";

export interface ExchangeParts {
  /** Whether that API key is one of the account's. */
  accepts: (key: string) => boolean;
  router: Router;
  dialect: Required<Dialect>;
  faults: Faults;
  requests: ArgaRequest[];
  changed: () => void;
  /** Aborted when the server closes: no waiting request may touch the state after that. */
  closing: AbortSignal;
}

type Outcome = (Reply & { streamFault?: StreamFault }) | "reset" | "lost" | "hang";

/** Takes one request from its first byte to its answer, through log and faults. */
export async function exchange(
  parts: ExchangeParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request);
  const url = new URL(`http://sim${request.url ?? "/"}`);
  const entry = entryOf(parts.router, request.method ?? "GET", url, text);
  const perform = () => answer(parts, { request, url, text, entry });
  if (url.pathname.startsWith("/_sim")) return send(response, await perform());

  parts.requests.push(entry);
  parts.changed();
  const outcome = await withFaults(parts, entry, perform);
  const delivered = deliver(response, entry, outcome);
  parts.changed();
  await delivered;
  parts.changed();
}

interface Incoming {
  request: IncomingMessage;
  url: URL;
  text: string | undefined;
  entry: ArgaRequest;
}

async function withFaults(
  { faults, closing }: ExchangeParts,
  entry: ArgaRequest,
  perform: () => Promise<Reply>,
): Promise<Outcome> {
  const rule = faults.strike(entry.route, `${entry.method} ${entry.path}`);
  if (!rule) return perform();

  const early = rule.applyFirst ? await perform() : undefined;
  await pause(rule, closing);
  if (rule.action === "reset") return entry.applied ? "lost" : "reset";
  if (rule.action === "hang") return "hang";
  if (rule.status !== undefined) return faultReply(rule, rule.status);
  const reply = early ?? (await perform());
  if (rule.action === "lose") return "lost";
  const headers = { ...reply.headers, ...rule.headers };
  return { ...reply, headers, ...(rule.stream && { streamFault: rule.stream }) };
}

async function pause({ delayMs, hold }: FaultRule, closing: AbortSignal): Promise<void> {
  if (delayMs !== undefined) await sleep(delayMs, undefined, { signal: closing });
  await hold;
  closing.throwIfAborted();
}

async function answer({ accepts, router, dialect }: ExchangeParts, incoming: Incoming): Promise<Reply> {
  const { request, url, text, entry } = incoming;
  try {
    if (text === undefined) throw new Refusal(413, "Request body too large");
    const { route, params } = router.find(entry.method, entry.path);
    if (!route.open) requireKey(credentialOf(route, request, url), accepts);
    const body = parseBody(text, request.headers["content-type"]);
    const reply = await route.handle({ params, query: url.searchParams, headers: request.headers, body });
    entry.applied = true;
    return route.creates ? { ...reply, status: dialect.createdStatus } : reply;
  } catch (error) {
    if (error instanceof Refusal) {
      const { status, headers } = error;
      return { status, body: error.bodyIn(dialect), headers };
    }
    console.error("sim/arga: a route threw", error);
    return { status: 500, body: { detail: "Internal Server Error" } };
  }
}

function credentialOf(route: Route, request: IncomingMessage, url: URL): string | undefined {
  const token = url.searchParams.get("token");
  const { authorization } = request.headers;
  return authorization ?? (route.tokenInQuery && token !== null ? `Bearer ${token}` : undefined);
}

// The texts are those of official test fixtures; the live ones are not recorded.
function requireKey(authorization: string | undefined, accepts: ExchangeParts["accepts"]): void {
  if (authorization === undefined) throw new Refusal(401, "Not authenticated");
  const key = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (key === undefined || !accepts(key)) throw new Refusal(401, "Invalid or expired API key");
}

async function deliver(response: ServerResponse, entry: ArgaRequest, outcome: Outcome): Promise<void> {
  entry.status = typeof outcome === "string" ? outcome : outcome.status;
  if (outcome === "hang") return;
  if (typeof outcome === "string") return cut(response);
  const { stream, streamFault } = outcome;
  if (!stream) return send(response, outcome);
  entry.stream = "open";
  try {
    await sendStream(response, { reply: outcome, frames: stream, fault: streamFault });
  } finally {
    entry.stream = "ended";
  }
}

function entryOf(router: Router, method: string, url: URL, text: string | undefined): ArgaRequest {
  const path = url.pathname;
  const route = `${method} ${found(router, method, path)?.route.pattern ?? path}`;
  // The log must stay free of keys, and a token may be one.
  const query = Object.fromEntries([...url.searchParams].filter(([name]) => name !== "token"));
  return {
    at: Date.now(),
    method,
    path,
    query,
    route,
    body: looseJson(text),
    status: "pending",
    applied: false,
  };
}

function found(router: Router, method: string, path: string): Match | undefined {
  try {
    return router.find(method, path);
  } catch {
    return undefined;
  }
}

function looseJson(text: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
