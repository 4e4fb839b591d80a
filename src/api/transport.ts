import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { z } from "zod";
import { outbound } from "../base/proxy.ts";
import { noteOnSpan, tracedCall, traceHeaders } from "../base/tracing.ts";
import { type Opened, parsed, read, readRefusal } from "./answers.ts";
import { ArgaError, ArgaPlanLimit, ArgaUnreachable } from "./errors.ts";
import { aborted, failureOf, noteUnconnected, unsendable } from "./failures.ts";
import { refusalOf } from "./refusals.ts";
import { withoutKey } from "./secrets.ts";
import { checkKey, urlOf } from "./settings.ts";

export interface TransportOptions {
  /** For example `https://api.argalabs.com`. */
  url: string;
  /** `arga_sk_…`; sent as bearer, shown nowhere. */
  key: string;
  /** How often a GET is sent again after a lost connection, 429 or 502–504; default 2. */
  retries?: number;
  /** Counts every attempt. `status` is a number or the error's code. */
  requests?: { inc(labels: { route: string; status: number | string }): void };
}

/** Values of a query; those that are undefined are left out. */
type Query = Record<string, string | number | boolean | undefined>;

export interface Place {
  /** Path with its values filled in and encoded. */
  path: string;
  /** The path's pattern, such as `/twin-runs/{id}`: names the route in errors and metrics. */
  route: string;
}

interface Sending extends Place {
  /** The path is whole: the API's own base is part of it. */
  isWhole?: true;
  method: "GET" | "POST" | "DELETE";
  query?: Query;
  body?: Record<string, unknown>;
  signal?: AbortSignal | undefined;
}

export interface RequestOptions<T> extends Sending {
  schema: z.ZodType<T>;
}

interface DownloadOptions {
  /** Bytes. */
  most: number;
  isWanted: (contentType: string) => boolean;
  signal: AbortSignal;
}

interface OpenOptions extends Sending {
  accept: string;
  headers?: Record<string, string>;
  /** Milliseconds without a byte after which the body ends in {@link ArgaTimeout}. */
  idleMs: number;
}

/** Milliseconds. A create may have Arga expand a prompt, so its own clients wait 60 s. */
const TIMEOUTS = { headersOfGet: 15_000, headersOfAct: 60_000, body: 30_000 };
/** A retry that would wait longer than this is the caller's to plan. */
const RETRY_WAIT_LIMIT_MS = 1_500;
const RETRIED_STATUSES = new Set([429, 502, 503, 504]);

/** The connections to one Arga; everything that is sent to Arga goes through it. */
export class Transport {
  readonly #outbound: Dispatcher;
  #isClosed = false;
  readonly #origin: string;
  readonly #base: string;
  readonly #options: TransportOptions;
  #key: string;
  #hidden: (text: string) => string;

  /** @throws {ArgaMisconfigured} for a URL or a key that can be no such thing. */
  constructor(options: TransportOptions) {
    const url = urlOf(options.url);
    checkKey(options.key);
    this.#key = options.key;
    this.#hidden = withoutKey(options.key);
    this.#base = url.pathname.replace(/(?<!\/)\/+$/, "");
    this.#options = options;
    this.#origin = url.origin;
    this.#outbound = outbound(noteUnconnected);
  }

  /** Sends another key from now on. @throws {ArgaMisconfigured} for one that can be none. */
  useKey(key: string): void {
    checkKey(key);
    this.#key = key;
    this.#hidden = withoutKey(key);
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
        // Given up meanwhile, the next attempt says so.
        await sleep(wait, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
      }
    }
  }

  /**
   * Sends one request, once, and returns as soon as the headers of a 2xx are there.
   * @throws {ArgaError} for everything else.
   */
  open(options: OpenOptions): Promise<Opened> {
    const { accept, headers = {}, idleMs } = options;
    return this.#counted(options, async (route) => {
      const extras = { headers: { ...headers, accept }, bodyTimeout: idleMs };
      const opened = await this.#send(options, extras, route);
      this.#options.requests?.inc({ route, status: opened.status });
      return opened;
    });
  }

  /**
   * Where something leads that an answer names by its address, its path, or by a file name below `folder`. Without query and
   * fragment; undefined if no browser could go there.
   */
  addressOf(reference: string, folder: string): string | undefined {
    const base = `${this.#origin}${this.#base}${folder}/`;
    const whole =
      reference.startsWith("/") && !reference.startsWith("//") ? this.#base + reference : reference;
    if (!URL.canParse(whole, base)) return undefined;
    const { protocol, host, pathname } = new URL(whole, base);
    return protocol === "https:" || protocol === "http:" ? `${protocol}//${host}${pathname}` : undefined;
  }

  /**
   * Reads a file, once, if it's on Arga's own host, of a wanted type and not too large: "never" otherwise.
   * @throws {ArgaError} of the family in `errors.ts`; also for a redirect, which isn't followed.
   */
  async download(
    address: string,
    { most, isWanted, signal }: DownloadOptions,
  ): Promise<Uint8Array | "never"> {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.origin !== this.#origin) return "never";
    const place = { path: url.pathname, route: "/{artifact}", isWhole: true } as const;
    const opened = await this.open({ method: "GET", ...place, accept: "*/*", idleMs: TIMEOUTS.body, signal });
    const isFine =
      isWanted(opened.header("content-type") ?? "") && !(Number(opened.header("content-length")) > most);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of opened.body) {
      size += chunk.length;
      if (!isFine || size > most) return "never";
      chunks.push(chunk);
    }
    return isFine && size > 0 ? Buffer.concat(chunks) : "never";
  }

  #attempt<T>(options: RequestOptions<T>): Promise<T> {
    const extras = { headers: { accept: "application/json" }, bodyTimeout: TIMEOUTS.body };
    return this.#counted(options, async (route) => {
      const answer = await read(await this.#send(options, extras, route), route);
      this.#options.requests?.inc({ route, status: answer.status });
      return parsed(answer, options.schema);
    });
  }

  /** Turns what goes wrong into errors of ours; counts what had no answer, for what had one is counted by then. */
  async #counted<T>(sending: Sending, work: (route: string) => Promise<T>): Promise<T> {
    const route = `${sending.method} ${sending.route}`;
    // What is given up before it was begun has certainly not left. Asked of a pool that is being taken down, a call
    // would fail with the same code as those that it cuts.
    if (sending.signal?.aborted || this.#isClosed) throw aborted({ route, sent: "no" });
    return await tracedCall(route, this.#attributes(sending), async () => {
      try {
        return await work(route);
      } catch (error) {
        if (error instanceof ArgaError && error.status !== undefined) throw error;
        const failure = failureOf(error, route, sending.signal);
        this.#options.requests?.inc({ route, status: failure.code });
        throw failure;
      }
    });
  }

  #attributes({ method, route }: Sending) {
    return {
      "http.request.method": method,
      "url.template": route,
      "server.address": new URL(this.#origin).hostname,
    };
  }

  async #send(
    sending: Sending,
    extras: { headers: Record<string, string>; bodyTimeout: number },
    route: string,
  ): Promise<Opened> {
    const response = await this.#outbound.request({
      origin: this.#origin,
      method: sending.method,
      path: (sending.isWhole ? "" : this.#base) + sending.path + queryOf(sending.query),
      headers: { ...this.#headers(sending.body !== undefined), ...extras.headers },
      body: bodyOf(sending, route),
      headersTimeout: sending.method === "GET" ? TIMEOUTS.headersOfGet : TIMEOUTS.headersOfAct,
      bodyTimeout: extras.bodyTimeout,
      signal: sending.signal ?? null,
    });
    noteOnSpan({ "http.response.status_code": response.statusCode });
    const opened = openedOf(response, route, sending.signal);
    if (opened.status >= 200 && opened.status <= 299) return opened;
    const answer = await readRefusal(opened, route);
    this.#options.requests?.inc({ route, status: answer.status });
    throw refusalOf(answer, this.#hidden);
  }

  #headers(hasBody: boolean): Record<string, string> {
    return {
      authorization: `Bearer ${this.#key}`,
      "user-agent": "arga-slack",
      ...traceHeaders(),
      ...(hasBody ? { "content-type": "application/json" } : {}),
    };
  }

  /** Waits for what is under way, then closes the connections. What is begun from now on ends in {@link ArgaAborted}. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#outbound.close();
  }

  /** Cuts what is under way, which ends with `sent: "maybe"`; what is begun from now on as after {@link close}. */
  async destroy(): Promise<void> {
    this.#isClosed = true;
    await this.#outbound.destroy();
  }
}

function queryOf(query: Query = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? "" : `?${given}`;
}

function bodyOf({ body }: Sending, route: string): string | null {
  try {
    return body ? JSON.stringify(body) : null;
  } catch {
    throw unsendable("its body can't be written as JSON.", route);
  }
}

function openedOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  route: string,
  signal: AbortSignal | undefined,
): Opened {
  return {
    status: statusCode,
    header: (name) => [headers[name]].flat()[0],
    body: pieces(body, route, signal),
  };
}

async function* pieces(
  body: AsyncIterable<Uint8Array>,
  route: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    throw failureOf(error, route, signal);
  }
}

function retryWait(error: ArgaError, attempt: number): number | undefined {
  const again =
    error instanceof ArgaUnreachable ||
    (RETRIED_STATUSES.has(error.status ?? 0) && !(error instanceof ArgaPlanLimit));
  if (!again) return undefined;
  const wait = error.retryAfterMs ?? 150 * 2 ** attempt * (0.5 + Math.random());
  return wait <= RETRY_WAIT_LIMIT_MS ? wait : undefined;
}
