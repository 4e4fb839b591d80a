import type { IncomingMessage, ServerResponse } from "node:http";
import { Bodies } from "./bodies.ts";
import { type AckBody, BaseReceiver, type ReceiverOptions } from "./delivery.ts";
import { Rejections } from "./rejections.ts";
import { headersProblem, type Signed, signatureProblem } from "./signature.ts";

interface HttpReceiverOptions extends ReceiverOptions {
  /** Two while one is being replaced. */
  signingSecrets: readonly string[];
  /** Marks a request as seen; false if it was before. May reject: then the work itself decides. */
  isNew: (signature: string) => Promise<boolean>;
  /** Begins to read what handlers will want, so that it takes no round trip besides {@link isNew}'s. Changes nothing. */
  readAhead?: (body: Record<string, unknown>) => Record<string, unknown>;
}

const BODY_MOST_BYTES = 1024 * 1024;
/** The one thing that Slack sends without a signature. */
const PROBE_MOST_BYTES = 200;

/**
 * `POST /slack/events` (docs/operations.md#http-routes). Our own receiver, because Bolt's takes a request signed in the
 * future or sent twice, and refuses a content type with a charset (docs/references/slack.md#bolt).
 */
export class HttpReceiver extends BaseReceiver {
  readonly #options: HttpReceiverOptions;
  readonly #bodies = new Bodies();
  readonly #rejections: Rejections;
  #signingSecrets: readonly string[];
  #isOpen = false;

  constructor(options: HttpReceiverOptions) {
    super(options);
    this.#options = options;
    this.#signingSecrets = options.signingSecrets;
    this.#rejections = new Rejections(options.logger);
  }

  /** Takes what these have signed from now on. */
  useSecrets(signingSecrets: readonly string[]): void {
    this.#signingSecrets = signingSecrets;
  }

  async start(): Promise<void> {
    this.#isOpen = true;
  }

  /** Refuses what comes from now on; Slack tells its person, or sends an event again. */
  async stop(): Promise<void> {
    this.#isOpen = false;
  }

  /** Answers one request, whatever it holds. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = performance.now();
    if (request.method !== "POST") return reply(response, 405, "Slack posts here.", { allow: "POST" });
    if (!this.#isOpen) return reply(response, 503, "Not taking requests right now.");
    const signed = signedHeaders(request);
    const raw = await this.#read(request, response, signed);
    if (raw === undefined) return;
    if (isSslCheck(raw)) return reply(response, 200, "");
    const why = signatureProblem(this.#signingSecrets, { ...signed, body: raw }, Date.now());
    if (why !== undefined) return this.#refuse(response, why);
    const body = parse(raw, request.headers["content-type"] ?? "");
    if (body?.type === "url_verification") return reply(response, 200, String(body.challenge ?? ""));
    const isSound = body !== undefined && this.isSound(body);
    const ahead = isSound ? this.#options.readAhead?.(body) : undefined;
    if (await this.#isRepeated(signed, body)) return this.#refuse(response, "seen before");
    if (body === undefined) return reply(response, 400, "Expected a form or JSON.");
    if (!isSound) return reply(response, 400, "Not as Slack sends it.");
    await this.take({
      body,
      arrived,
      ...(ahead ? { ahead } : {}),
      ...retryOf(request),
      answer: async (ack) => acknowledge(response, ack),
    });
    if (!response.writableEnded) reply(response, 404, "No handler for this.");
  }

  /** The body, as far as its headers let one expect that it's Slack's; undefined if it's answered, or nobody waits. */
  async #read(
    request: IncomingMessage,
    response: ServerResponse,
    signed: Omit<Signed, "body">,
  ): Promise<Buffer | undefined> {
    const suspicion = headersProblem(signed, Date.now());
    const mostBytes = suspicion === undefined ? BODY_MOST_BYTES : PROBE_MOST_BYTES;
    const declared = Number(headerOf(request, "content-length") ?? 0);
    const body = declared > mostBytes ? "too large" : await this.#bodies.read(request, mostBytes);
    if (Buffer.isBuffer(body)) return body;
    if (body === "hung up") return undefined;
    if (body === "no room") reply(response, 503, "Too many large requests right now.");
    else if (suspicion === undefined || declared > BODY_MOST_BYTES) reply(response, 413, "Larger than 1 MB.");
    else this.#refuse(response, suspicion);
    return undefined;
  }

  /** What a menu offers has no effect, and Slack may well ask for the same twice in one second. */
  async #isRepeated(
    { signature = "" }: Omit<Signed, "body">,
    body: Record<string, unknown> | undefined,
  ): Promise<boolean> {
    if (body?.type === "block_suggestion") return false;
    return !(await this.#options.isNew(signature).catch(() => true));
  }

  #refuse(response: ServerResponse, why: string): void {
    this.#rejections.add(why);
    reply(response, 401, "");
  }
}

const signedHeaders = (request: IncomingMessage): Omit<Signed, "body"> => ({
  timestamp: headerOf(request, "x-slack-request-timestamp"),
  signature: headerOf(request, "x-slack-signature"),
});

const headerOf = (request: IncomingMessage, name: string): string | undefined =>
  [request.headers[name]].flat()[0];

function retryOf(request: IncomingMessage): { retryNum?: number; retryReason?: string } {
  const num = headerOf(request, "x-slack-retry-num");
  const reason = headerOf(request, "x-slack-retry-reason");
  return { ...(num ? { retryNum: Number(num) } : {}), ...(reason ? { retryReason: reason } : {}) };
}

/** Slack probes distributed apps without a signature; the probe is answered and nothing else in it is read. */
const isSslCheck = (raw: Buffer): boolean =>
  raw.length <= PROBE_MOST_BYTES && /(^|&)ssl_check=1(&|$)/.test(raw.toString("utf8"));

function parse(raw: Buffer, contentType: string): Record<string, unknown> | undefined {
  try {
    const text = raw.toString("utf8");
    if (/^application\/json\b/i.test(contentType)) return record(JSON.parse(text));
    const form = Object.fromEntries(new URLSearchParams(text));
    return typeof form.payload === "string" ? record(JSON.parse(form.payload)) : form;
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

function acknowledge(response: ServerResponse, body: AckBody): void {
  const isJson = typeof body === "object" && body !== null;
  const type = isJson ? { "content-type": "application/json; charset=utf-8" } : {};
  reply(response, 200, isJson ? JSON.stringify(body) : (body ?? ""), type);
}

function reply(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-length": Buffer.byteLength(text), ...headers });
  const { req } = response;
  if (req.complete) {
    response.end(text);
    return;
  }
  // Ending the answer may close the connection, and whoever is still sending would get a reset instead. So the rest is
  // read past first, for as long as a request may take.
  response.write(text);
  response.flushHeaders();
  req.resume().once("close", () => response.end());
}
