import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type FaultRule, type Faults, faultReply } from "./faults.ts";
import { Refusal } from "./refusal.ts";
import type { ArgaRequest } from "./request-log.ts";
import type { Match, Reply, Router } from "./router.ts";
import { cut, parseBody, readBody, send } from "./wire.ts";

export interface ExchangeParts {
  key: string;
  router: Router;
  faults: Faults;
  requests: ArgaRequest[];
  changed: () => void;
  /** Aborted when the server closes: no waiting request may touch the state after that. */
  closing: AbortSignal;
}

type Outcome = Reply | "reset" | "lost" | "hang";

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
  deliver(response, entry, await withFaults(parts, entry, perform));
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
  return rule.action === "lose" ? "lost" : { ...reply, headers: { ...reply.headers, ...rule.headers } };
}

async function pause({ delayMs, hold }: FaultRule, closing: AbortSignal): Promise<void> {
  if (delayMs !== undefined) await sleep(delayMs, undefined, { signal: closing });
  await hold;
  closing.throwIfAborted();
}

async function answer({ key, router }: ExchangeParts, incoming: Incoming): Promise<Reply> {
  const { request, url, text, entry } = incoming;
  try {
    if (text === undefined) throw new Refusal(413, "Request body too large");
    const { route, params } = router.find(entry.method, entry.path);
    if (!route.open) requireKey(request.headers.authorization, key);
    const body = parseBody(text, request.headers["content-type"]);
    const reply = await route.handle({ params, query: url.searchParams, body });
    entry.applied = true;
    return reply;
  } catch (error) {
    if (error instanceof Refusal) return error;
    console.error("sim/arga: a route threw", error);
    return { status: 500, body: { detail: "Internal Server Error" } };
  }
}

// The texts are those of official test fixtures; the live ones are not recorded.
function requireKey(authorization: string | undefined, key: string): void {
  if (authorization === undefined) throw new Refusal(401, "Not authenticated");
  if (authorization !== `Bearer ${key}`) throw new Refusal(401, "Invalid or expired API key");
}

function deliver(response: ServerResponse, entry: ArgaRequest, outcome: Outcome): void {
  entry.status = typeof outcome === "string" ? outcome : outcome.status;
  if (outcome === "hang") return;
  if (typeof outcome === "string") cut(response);
  else send(response, outcome);
}

function entryOf(router: Router, method: string, url: URL, text: string | undefined): ArgaRequest {
  const path = url.pathname;
  const route = `${method} ${found(router, method, path)?.route.pattern ?? path}`;
  const query = Object.fromEntries(url.searchParams);
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
