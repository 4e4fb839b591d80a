import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { CodedError } from "../base/errors.ts";

/** The port of the configuration cannot be had. */
class PortUnavailable extends CodedError {
  readonly code = "PORT_UNAVAILABLE";

  constructor(port: number, cause: NodeJS.ErrnoException) {
    const why = cause.code === "EADDRINUSE" ? "something else is using it" : cause.message;
    super(`Can't listen on port ${port}: ${why}. Set PORT to a free one.`, { cause });
  }
}

/** Answers one request in full. */
export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Milliseconds that a client may take to send its whole request, its headers included; how often that is looked at. */
const REQUEST_TIMEOUT_MS = 10_000;
const CHECK_MS = 1_000;
/** Milliseconds. Balancers keep an idle connection for a minute: closed before that, what they send is lost. */
const KEEP_ALIVE_MS = 75_000;
/** At once; Slack needs a few. What comes beyond is dropped. */
const CONNECTIONS_MOST = 1_000;

/** The process's one HTTP server: paths are matched exactly, a query is not part of them. */
export class HttpServer {
  readonly #server: Server;
  readonly #routes = new Map<string, Route>();

  constructor(logger: Logger) {
    const limits = {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    this.#server = createServer(limits, (request, response) => {
      const path = (request.url ?? "/").split("?")[0] ?? "/";
      const route = this.#routes.get(path) ?? notFound;
      Promise.resolve(route(request, response)).catch((error: unknown) => {
        logger.error({ err: error, path }, "HTTP request failed");
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    this.#server.maxConnections = CONNECTIONS_MOST;
  }

  on(path: string, route: Route): void {
    this.#routes.set(path, route);
  }

  /** Resolves with the port; 0 lets the system choose. Throws {@link PortUnavailable}. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => reject(new PortUnavailable(port, error)));
      this.#server.listen(port, () => resolve());
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no new connections and closes those that are idle. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Ends what is left. */
  destroy(): void {
    this.#server.closeAllConnections();
  }
}

const notFound: Route = (_request, response) => {
  response.writeHead(404).end("Not found");
};
