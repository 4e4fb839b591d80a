import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
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
type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Milliseconds that a client may take to send its whole request, its headers included; how often that is looked at. */
const REQUEST_TIMEOUT_MS = 10_000;
const CHECK_MS = 1_000;
/** Milliseconds. Balancers keep an idle connection for a minute: closed before that, what they send is lost. */
const KEEP_ALIVE_MS = 75_000;
/** At once; Slack needs a few. What comes beyond is dropped. */
const CONNECTIONS_MOST = 1_000;
/** Milliseconds without progress after which an answer that nobody reads is dropped, and its connection with it. */
const STALLED_MS = 30_000;
/** Requests of one connection that may wait for the answers before them. Balancers and Slack send one at a time. */
const PIPELINED_MOST = 8;

/** The process's one HTTP server: paths are matched exactly, a query is not part of them. */
export class HttpServer {
  readonly #server: Server;
  readonly #routes = new Map<string, Route>();
  readonly #lines = new WeakMap<Socket, Line>();

  constructor(logger: Logger) {
    const limits = {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    this.#server = createServer(limits, (request, response) => {
      this.#lineOf(request.socket).add(response, () => {
        const path = (request.url ?? "/").split("?")[0] ?? "/";
        const route = this.#routes.get(path) ?? notFound;
        // A promise's function, so that a route that throws at once ends here as well.
        new Promise((resolve) => resolve(route(request, response))).catch((error: unknown) => {
          logger.error({ err: error, path }, "HTTP request failed");
          if (!response.headersSent) response.writeHead(500);
          response.end();
        });
      });
    });
    this.#server.timeout = STALLED_MS;
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

  #lineOf(socket: Socket): Line {
    const line = this.#lines.get(socket) ?? new Line(socket);
    this.#lines.set(socket, line);
    return line;
  }
}

/** The requests of one connection, one after the other: no answer is made while the one before it is unread. */
class Line {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  add(response: ServerResponse, work: () => void): void {
    // All that came in one piece is still handed over after the connection was ended.
    if (this.#socket.destroyed) return;
    if (this.#waiting.length > PIPELINED_MOST) {
      this.#socket.destroy();
      return;
    }
    response.once("close", () => {
      this.#waiting.shift();
      if (!this.#socket.destroyed) this.#waiting[0]?.();
    });
    if (this.#waiting.push(work) === 1) work();
  }
}

const notFound: Route = (_request, response) => {
  response.writeHead(404).end("Not found");
};
