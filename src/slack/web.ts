import { randomUUID } from "node:crypto";
import { ErrorCode, type WebAPICallResult, WebClient } from "@slack/web-api";
import type { Logger } from "pino";
import { messageOf } from "../base/errors.ts";
import { proxiedFetch } from "../base/proxy.ts";
import { noteOnSpan, tracedCall } from "../base/tracing.ts";
import {
  type SlackCallError,
  SlackRateLimited,
  SlackRefused,
  SlackUnclear,
  SlackUnreachable,
} from "./errors.ts";
import { slackLogger } from "./logger.ts";
import type { BotTokens } from "./tokens.ts";

export interface SlackWebOptions {
  apiUrl: string;
  tokens: BotTokens;
  logger: Logger;
  /** Counts every call. */
  calls?: { inc(labels: { method: string; outcome: string }): void };
}

const CALL_TIMEOUT_MS = 10_000;
const RESPOND_TIMEOUT_MS = 5_000;
const UPLOAD_TIMEOUT_MS = 30_000;

/** `ok: false` with these says that Slack itself stumbled, possibly after it did what was asked. */
const STUMBLES = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout"]);
/** Where Slack takes answers. */
const ANSWERS_AT = "https://hooks.slack.com";
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address is Slack's own, or on the host of the Slack that was configured, by whichever of its own names. */
export function isOfSlack(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const [url, api] = [new URL(address), new URL(apiUrl)];
  if (url.origin === ANSWERS_AT) return true;
  const isSameName =
    url.hostname === api.hostname || (LOOPBACK.test(url.hostname) && LOOPBACK.test(api.hostname));
  return isSameName && url.port === api.port && url.protocol === api.protocol;
}

/** Where Slack takes files. */
const FILES_AT = /^https:\/\/(?:[\w-]+\.)*slack\.com$/;

const isUploadAddress = (address: string, apiUrl: string): boolean =>
  isOfSlack(address, apiUrl) || (URL.canParse(address) && FILES_AT.test(new URL(address).origin));

/** One file, as Slack's own clients send it. Made by hand, because the `fetch` that goes through a proxy has a form of its own. */
function multipart(name: string, bytes: Uint8Array): { type: string; body: Uint8Array<ArrayBuffer> } {
  const boundary = randomUUID();
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="body"; filename="${encodeURIComponent(name)}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

const NEVER_LEFT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * Slack's Web API. Nothing is retried or queued here: the caller knows what may be sent twice, and the pacer
 * when. The client's own retries double posts, and its pauses hold other channels
 * (docs/references/slack.md#the-web-api-client).
 */
export class SlackWeb {
  readonly #options: SlackWebOptions;
  readonly #clients = new Map<string, WebClient>();

  constructor(options: SlackWebOptions) {
    this.#options = options;
  }

  /** For the log. */
  get host(): string {
    return new URL(this.#options.apiUrl).host;
  }

  /**
   * One call of one method. Throws {@link SlackRefused}, {@link SlackRateLimited}, {@link SlackUnreachable} or
   * {@link SlackUnclear}.
   */
  async call(team: string, method: string, args: Record<string, unknown>): Promise<WebAPICallResult> {
    const client = this.#client(team);
    return await this.#counted(method, () => client.apiCall(method, args));
  }

  /** Answers through a payload's `response_url`. */
  async respond(url: string, body: Record<string, unknown>): Promise<void> {
    const method = "response_url";
    // A payload may name any; what is said to one person goes to Slack alone.
    if (!isOfSlack(url, this.#options.apiUrl)) throw new SlackRefused(method, "foreign_host");
    await this.#counted(method, async () => {
      const response = await proxiedFetch(url, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(RESPOND_TIMEOUT_MS),
      });
      await checkResponse(method, response);
    });
  }

  /** Does a call, with its outcome in metrics and traces. What goes wrong becomes an error of ours. */
  #counted<T>(method: string, call: () => Promise<T>): Promise<T> {
    const ended = (outcome: string): void => {
      noteOnSpan({ "arga_slack.outcome": outcome });
      this.#options.calls?.inc({ method, outcome });
    };
    return tracedCall(method, { "server.address": this.host }, async () => {
      try {
        const result = await call();
        ended("ok");
        return result;
      } catch (error) {
        const known = errorOf(method, error);
        ended(known instanceof SlackRefused ? known.error : known.code);
        throw known;
      }
    });
  }

  /**
   * Brings the bytes of a file to where `files.getUploadURLExternal` said. Throws as {@link SlackWeb.call}; nobody sees the
   * file until it's shared.
   */
  async upload(url: string, name: string, bytes: Uint8Array): Promise<void> {
    const method = "upload";
    if (!isUploadAddress(url, this.#options.apiUrl)) throw new SlackRefused(method, "foreign_host");
    await this.#counted(method, async () => {
      const { type, body } = multipart(name, bytes);
      const response = await proxiedFetch(url, {
        method: "POST",
        headers: { "content-type": type },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      await checkResponse(method, response);
    });
  }

  #client(team: string): WebClient {
    const token = this.#options.tokens.of(team);
    const existing = this.#clients.get(token);
    if (existing) return existing;
    const client = new WebClient(token, {
      slackApiUrl: this.#options.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: CALL_TIMEOUT_MS,
      fetch: proxiedFetch,
      logger: slackLogger(this.#options.logger),
    });
    this.#clients.set(token, client);
    return client;
  }
}

async function checkResponse(method: string, response: Response): Promise<void> {
  const text = await response.text();
  if (response.status === 429)
    throw new SlackRateLimited(method, secondsOf(response.headers.get("retry-after")));
  if (response.status >= 500)
    throw new SlackUnclear(`Slack answered ${response.status} to ${method}.`, method);
  if (!response.ok) throw new SlackRefused(method, /^\w{1,40}$/.test(text) ? text : String(response.status));
}

const secondsOf = (header: string | null): number => (Number(header) > 0 ? Number(header) : 1) * 1000;

interface ClientError {
  code?: string;
  data?: { error?: string; response_metadata?: { messages?: string[] } };
  retryAfter?: number;
  statusCode?: number;
  cause?: unknown;
  original?: unknown;
}

function errorOf(method: string, thrown: unknown): SlackCallError {
  if (thrown instanceof SlackRefused || thrown instanceof SlackRateLimited || thrown instanceof SlackUnclear)
    return thrown;
  const error = (typeof thrown === "object" && thrown !== null ? thrown : {}) as ClientError;
  if (error.code === ErrorCode.RateLimitedError)
    return new SlackRateLimited(method, (error.retryAfter ?? 1) * 1000);
  if (error.code === ErrorCode.PlatformError) return refusedOrStumbled(method, error);
  if (error.code === ErrorCode.HTTPError)
    return new SlackUnclear(`Slack answered ${error.statusCode} to ${method}.`, method);
  const cause = deepCode(thrown);
  return NEVER_LEFT.has(cause)
    ? new SlackUnreachable(`I can't reach Slack (${cause}).`, method, { cause: thrown })
    : new SlackUnclear(`Slack's answer to ${method} was lost (${cause || deepMessage(thrown)}).`, method, {
        cause: thrown,
      });
}

/** Slack's errors are words such as `channel_not_found`. */
const ERROR_WORD = /^[\w.:-]{1,80}$/;

function refusedOrStumbled(method: string, error: ClientError): SlackCallError {
  const word = error.data?.error;
  // A proxy's page, an empty body, half an answer: the client hands on whatever text came. What was asked may be done.
  if (word === undefined || !ERROR_WORD.test(word))
    return new SlackUnclear(`Slack's answer to ${method} couldn't be read.`, method);
  if (word === "ratelimited" || word === "rate_limited") return new SlackRateLimited(method, 1_000);
  if (STUMBLES.has(word)) return new SlackUnclear(`Slack stumbled over ${method}: ${word}.`, method);
  return new SlackRefused(method, word, error.data?.response_metadata?.messages ?? []);
}

/** What the innermost error says: the others only that there was one. */
function deepMessage(thrown: unknown, depth = 0): string {
  const { cause, original } = (thrown ?? {}) as ClientError;
  const inner = cause ?? original;
  return inner instanceof Error && depth < 5 ? deepMessage(inner, depth + 1) : messageOf(thrown);
}

/** The system's code, however deeply clients wrapped it. */
function deepCode(thrown: unknown, depth = 0): string {
  if (typeof thrown !== "object" || thrown === null || depth > 5) return "";
  const { code, cause, original } = thrown as ClientError;
  const inner = deepCode(cause, depth + 1) || deepCode(original, depth + 1);
  return inner || (typeof code === "string" && /^[A-Z0-9_]+$/.test(code) ? code : "");
}
