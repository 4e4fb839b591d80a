import { setTimeout as sleep } from "node:timers/promises";
import { SocketModeClient } from "@slack/socket-mode";
import { WebAPIRateLimitedError } from "@slack/web-api";
import { CodedError, messageOf } from "../../base/errors.ts";
import { isProxied, outbound, proxiedFetch } from "../../base/proxy.ts";
import { slackLogger } from "../logger.ts";
import { BaseReceiver, type ReceiverOptions } from "./delivery.ts";

interface SocketReceiverOptions extends ReceiverOptions {
  appToken: string;
  apiUrl: string;
}

/** Slack does not accept the app token: no socket will ever open. */
class SocketRefused extends CodedError {
  readonly code = "SOCKET_REFUSED";

  constructor(readonly error: string) {
    super(`Slack rejected SLACK_APP_TOKEN (${error}). It needs the scope connections:write.`);
  }
}

/** While one connection is renewed, which Slack asks for every few hours, the other one takes what comes. */
const LINES = 2;
const HELLO_MS = 15_000;
const BACKOFF_MS = { first: 500, most: 30_000 };
const FINAL = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "not_allowed_token_type",
  "missing_scope",
]);

interface SocketEnvelope {
  ack: (body?: unknown) => Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

/**
 * Socket Mode over two connections, each reopened by us: the client's own reconnection leaves a gap of seconds
 * and ends the process when Slack is away for long (docs/references/slack.md#the-socket-mode-client).
 */
export class SocketReceiver extends BaseReceiver {
  readonly #options: SocketReceiverOptions;
  readonly #open = new Set<SocketModeClient>();
  readonly #stopping = new AbortController();
  #appToken: string;

  constructor(options: SocketReceiverOptions) {
    super(options);
    this.#options = options;
    this.#appToken = options.appToken;
  }

  /** Opens the next connections with another token. */
  useToken(appToken: string): void {
    this.#appToken = appToken;
  }

  /** Whether anything can come in. */
  get isConnected(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when the first connection stands; Slack being away is waited for. Throws {@link SocketRefused}. */
  async start(): Promise<void> {
    const first = await this.#connectPatiently(true);
    if (first) void this.#keep(first);
    for (let line = 1; line < LINES; line++) void this.#keep();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // 3.1 waits for the server's part of the closing; nothing comes in meanwhile, so nobody needs to.
    for (const client of this.#open) void client.disconnect().catch(() => {});
  }

  /** One line for ever: when its connection ends, the next one is opened. */
  async #keep(first?: SocketModeClient): Promise<void> {
    let client = first ?? (await this.#connectPatiently());
    while (client) {
      await leaving(client);
      this.#open.delete(client);
      client = await this.#connectPatiently();
    }
  }

  /** A token that is refused at the start is the wrong one; one that worked before may work again. */
  async #connectPatiently(isFirst = false): Promise<SocketModeClient | undefined> {
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      try {
        return await this.#connect();
      } catch (error) {
        const word = slackWordOf(error);
        if (isFirst && FINAL.has(word)) throw new SocketRefused(word);
        this.#options.logger.warn(
          { why: word || messageOf(error) },
          "Couldn't open a Slack socket; retrying",
        );
        const asked = error instanceof WebAPIRateLimitedError ? error.retryAfter * 1_000 : 0;
        const wait = Math.max(asked, Math.min(BACKOFF_MS.first * 2 ** attempt, BACKOFF_MS.most));
        await sleep(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  async #connect(): Promise<SocketModeClient> {
    const { apiUrl } = this.#options;
    const client = new SocketModeClient({
      appToken: this.#appToken,
      autoReconnectEnabled: false,
      logger: slackLogger(this.#options.logger),
      clientOptions: {
        slackApiUrl: apiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: 10_000,
        fetch: proxiedFetch,
      },
      ...(isProxied() ? { dispatcher: outbound() } : {}),
    });
    client.on("slack_event", (envelope: SocketEnvelope) => void this.#taken(envelope));
    await inTime(client.start(), HELLO_MS).catch((error: unknown) => {
      void client.disconnect().catch(() => {});
      throw error;
    });
    if (this.#stopping.signal.aborted) {
      void client.disconnect().catch(() => {});
      throw new Error("stopping");
    }
    this.#open.add(client);
    this.#options.logger.info({ open: this.#open.size }, "Socket Mode connected");
    return client;
  }

  async #taken(envelope: SocketEnvelope): Promise<void> {
    const { body, retry_num, retry_reason } = envelope;
    // Without an answer, Slack would only bring it again.
    if (!this.isSound(body)) return void (await envelope.ack().catch(() => {}));
    await this.take({
      body,
      arrived: performance.now(),
      ...(retry_num === undefined ? {} : { retryNum: retry_num }),
      ...(retry_reason === undefined ? {} : { retryReason: retry_reason }),
      answer: (ack) => envelope.ack(ack ?? undefined),
    });
  }
}

/** Resolves when Slack asks for another connection, or this one is gone; whichever comes first. */
const leaving = (client: SocketModeClient): Promise<void> =>
  new Promise((resolve) => {
    client.once("disconnected", () => resolve());
    client.on("ws_message", (data: unknown) => {
      if (typeof data === "string" && /"type"\s*:\s*"disconnect"/.test(data.slice(0, 300))) resolve();
    });
  });

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no hello within ${ms / 1000} s`);
  });
  return await Promise.race([work, timeout]).finally(() => late.abort());
}

function slackWordOf(error: unknown): string {
  const { data } = (typeof error === "object" && error !== null ? error : {}) as {
    data?: { error?: string };
  };
  return data?.error ?? "";
}
