import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { z } from "zod";
import { messageOf } from "../errors.ts";
import { ArgaAborted, ArgaError, ArgaTimeout, ArgaUnreachable, NotArga, type Sent } from "./errors.ts";
import { type Answer, notArga, refusalOf } from "./refusals.ts";

export interface TransportOptions {
  /** For example `https://api.argalabs.com`. */
  url: string;
  /** `arga_sk_…`; sent as bearer, shown nowhere. */
  key: string;
  /** How often a GET is sent again after a lost connection, 429 or 502–504; default 2. */
  retries?: number;
  /** Told of every attempt, for metrics. `status` is a number or the error's code. */
  onRequest?: (route: string, status: number | string) => void;
}

export interface RequestOptions<T> {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path with its values filled in and encoded. */
  path: string;
  /** The path's pattern, such as `/twin-runs/{id}`: names the route in errors and metrics. */
  route: string;
  body?: Record<string, unknown>;
  schema: z.ZodType<T>;
  signal?: AbortSignal | undefined;
}

/** Milliseconds. A create may have Arga expand a prompt; its own clients wait 60 s (facts, section 2.3). */
const TIMEOUTS = { connect: 5_000, headersOfGet: 15_000, headersOfAct: 60_000, body: 30_000 };
const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;
/** A retry that would wait longer than this is the caller's to plan. */
const RETRY_WAIT_LIMIT_MS = 1_500;
const RETRIED_STATUSES = new Set([429, 502, 503, 504]);

/** Codes of failures that happen before a byte of the request has left. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** One HTTP connection pool to one Arga; everything that is sent to Arga goes through {@link Transport.request}. */
export class Transport {
  readonly #pool: Pool;
  readonly #base: string;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    const url = new URL(options.url);
    this.#base = url.pathname.replace(/\/+$/, "");
    this.#options = options;
    this.#pool = new Pool(url.origin, { connections: 64, connect: { timeout: TIMEOUTS.connect } });
  }

  /**
   * Sends one request and returns its parsed answer. Only a GET is ever sent twice.
   * @throws {ArgaError} of the family in `errors.ts`; `sent` says whether it may have been applied.
   */
  async request<T>(options: RequestOptions<T>): Promise<T> {
    const retries = options.method === "GET" ? (this.#options.retries ?? 2) : 0;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(options);
      } catch (error) {
        const wait = error instanceof ArgaError && attempt < retries ? retryWait(error, attempt) : undefined;
        if (wait === undefined) throw error;
        await sleep(wait, undefined, options.signal ? { signal: options.signal } : {}).catch(() => {
          throw error;
        });
      }
    }
  }

  async #attempt<T>(options: RequestOptions<T>): Promise<T> {
    const route = `${options.method} ${options.route}`;
    try {
      const answer = await this.#exchange(options, route);
      this.#options.onRequest?.(route, answer.status);
      if (answer.status < 200 || answer.status > 299) throw refusalOf(answer);
      return parsed(answer, options.schema);
    } catch (error) {
      if (error instanceof ArgaError) throw error;
      const failure = failureOf(error, route, options.signal);
      this.#options.onRequest?.(route, failure.code);
      throw failure;
    }
  }

  async #exchange<T>(options: RequestOptions<T>, route: string): Promise<Answer> {
    const response = await this.#pool.request({
      method: options.method,
      path: this.#base + options.path,
      headers: {
        authorization: `Bearer ${this.#options.key}`,
        accept: "application/json",
        "user-agent": "arga-slack",
        ...(options.body ? { "content-type": "application/json" } : {}),
      },
      body: options.body ? JSON.stringify(options.body) : null,
      headersTimeout: options.method === "GET" ? TIMEOUTS.headersOfGet : TIMEOUTS.headersOfAct,
      bodyTimeout: TIMEOUTS.body,
      signal: options.signal ?? null,
    });
    const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
    return {
      route,
      status: response.statusCode,
      retryAfter: header("retry-after"),
      contentType: header("content-type") ?? "",
      // Whoever repeats our key must not have it shown.
      text: (await textOf(response.body, route)).replaceAll(this.#options.key, "[key]"),
    };
  }

  /** Waits for what is under way, then closes the connections. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Cuts what is under way; each call ends with `sent: "maybe"`. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}

async function textOf(body: AsyncIterable<Buffer>, route: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_LIMIT_BYTES)
      throw new NotArga("Arga's answer is larger than 16 MB.", { route, sent: "maybe" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A 2xx is parsed or it is not Arga: whether it was applied is then unknown, except that a web page creates nothing. */
function parsed<T>(answer: Answer, schema: z.ZodType<T>): T {
  const isPage = answer.contentType.includes("html") || /^\s*</.test(answer.text);
  const sent: Sent = isPage ? "refused" : "maybe";
  try {
    return schema.parse(JSON.parse(answer.text));
  } catch (error) {
    // A SyntaxError quotes the answer, which may hold credentials.
    const cause = error instanceof SyntaxError ? {} : { cause: error };
    throw new NotArga(notArga(answer.status), { route: answer.route, status: answer.status, sent, ...cause });
  }
}

function failureOf(error: unknown, route: string, signal: AbortSignal | undefined): ArgaError {
  const code = codeOf(error);
  const sent: Sent = NEVER_LEFT.has(code) ? "no" : "maybe";
  const details = { route, sent, cause: error };
  if (signal?.aborted) return new ArgaAborted("The call to Arga was given up.", details);
  if (code.endsWith("TIMEOUT")) return new ArgaTimeout(`Arga did not answer ${route} in time.`, details);
  return new ArgaUnreachable(`Arga cannot be reached (${code || messageOf(error)}).`, details);
}

/** undici wraps the failures of several addresses in an AggregateError whose code is that of the last. */
function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

function retryWait(error: ArgaError, attempt: number): number | undefined {
  const lost = error instanceof ArgaUnreachable;
  if (!lost && !RETRIED_STATUSES.has(error.status ?? 0)) return undefined;
  const wait = error.retryAfterMs ?? 150 * 2 ** attempt * (0.5 + Math.random());
  return wait <= RETRY_WAIT_LIMIT_MS ? wait : undefined;
}
