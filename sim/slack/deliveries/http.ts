import { createHmac } from "node:crypto";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { defined, isObject, parseJson } from "../json.ts";
import type { Json, RawAnswer } from "../types.ts";
import type { Answer, Outgoing, Sealed } from "./outgoing.ts";

/**
 * Exactly this: Slack sends no charset, and receivers that compare the whole header rely on that.
 */
const FORM = "application/x-www-form-urlencoded";

/** docs.slack.dev/authentication/verifying-requests-from-slack: `v0=` and the HMAC-SHA256 of `v0:timestamp:body`. */
export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** Signs the delivery for this very second. */
export function sealForHttp(outgoing: Outgoing, secret: string, now: number): Sealed {
  const { contentType, body } = encode(outgoing);
  const timestamp = String(Math.floor(now / 1000));
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": sign(secret, timestamp, body),
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
  };
  if (outgoing.retry !== undefined) {
    headers["x-slack-retry-num"] = String(outgoing.retry.attempt);
    headers["x-slack-retry-reason"] = outgoing.retry.reason;
  }
  return { transport: "http", headers, body };
}

function encode({ envelope, payload }: Outgoing): { contentType: string; body: string } {
  if (envelope === "events_api") return { contentType: "application/json", body: JSON.stringify(payload) };
  const fields = envelope === "interactive" ? { payload: JSON.stringify(payload) } : payload;
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]);
  const form = new URLSearchParams(pairs);
  return { contentType: FORM, body: form.toString() };
}

/** Posts it and waits up to `limitMs`; a later answer is not heard. Never rejects. */
export async function sendOverHttp(
  url: string,
  sealed: Sealed & { transport: "http" },
  limitMs: number,
): Promise<Answer> {
  const startedAt = performance.now();
  const outcome = await post(url, sealed, limitMs).then(answerOf, failureOf);
  return { ackMs: performance.now() - startedAt, ...outcome };
}

function answerOf({ status, headers, body }: RawAnswer): Omit<Answer, "ackMs"> {
  const noRetry = headers["x-slack-no-retry"] === "1" ? ({ noRetry: true } as const) : {};
  if (status !== 200) return { timedOut: false, status, failure: "http_error", ...noRetry };
  const content = contentOf(headers["content-type"] ?? "", body);
  return { timedOut: false, status, ...defined({ body: content }) };
}

/** A body is JSON only when it says so; anything else is shown as the text that it is. */
function contentOf(type: string, body: string): string | Json | undefined {
  if (body.trim() === "") return undefined;
  if (!type.includes("application/json")) return body;
  const json = parseJson(body);
  return isObject(json) ? json : body;
}

function failureOf(error: unknown): Omit<Answer, "ackMs"> {
  const timedOut = error instanceof TimeoutError;
  return { timedOut, failure: timedOut ? "http_timeout" : "connection_failed" };
}

class TimeoutError extends Error {}

interface Posting {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts on a connection of its own, so that no reused one can break in between. @throws TimeoutError, network errors */
export function post(url: string, { headers, body }: Posting, limitMs: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const options: RequestOptions = { method: "POST", agent: false, headers: { ...headers, ...length } };
    const sent = request(url, options, (response) => {
      collect(response).then(resolve, reject);
    });
    const limit = setTimeout(() => sent.destroy(new TimeoutError()), limitMs);
    sent.on("close", () => clearTimeout(limit));
    sent.on("error", reject);
    sent.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<RawAnswer> {
  response.setEncoding("utf8");
  let body = "";
  for await (const part of response) body += part;
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}
