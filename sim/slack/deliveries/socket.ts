import type { RawData, WebSocket } from "ws";
import type { Ids } from "../ids.ts";
import { defined, isObject, parseJson, stringOf } from "../json.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../settings.ts";
import type { Json } from "../types.ts";
import type { Answer, Outgoing, Sealed } from "./outgoing.ts";

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled" | "too_many_websockets";

/** docs.slack.dev/apis/events-api/using-socket-mode */
const MAX_SOCKETS = 10;
/** How long after a `warning` or `refresh_requested` the socket is closed from this side, if nobody did before. */
const GRACE_MS = 10_000;
/** Seconds until the next refresh that Slack announces in `hello`, as seen in a capture. */
const LIFETIME_S = 18_060;

interface Waiting {
  readonly socket: WebSocket;
  acknowledge(payload: unknown): void;
}

/** The Socket Mode connections of the app. */
export class Sockets {
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  readonly #waiting = new Map<string, Waiting>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #silent = new WeakSet<WebSocket>();
  readonly #onOpen = new Set<() => void>();
  readonly #ids: Ids;
  readonly #settings: Settings;
  readonly #log: Log;
  #next = 0;

  constructor(ids: Ids, settings: Settings, log: Log) {
    this.#ids = ids;
    this.#settings = settings;
    this.#log = log;
  }

  /** The query of a connection URL; good for one connection. */
  issueTicket(): string {
    const ticket = this.#ids.secret();
    this.#tickets.add(ticket);
    return `ticket=${ticket}&app_id=${this.#settings.app.appId}`;
  }

  /** Whether the ticket was issued and not used yet; it is used now. */
  redeem(ticket: string | null): boolean {
    return ticket !== null && this.#tickets.delete(ticket);
  }

  count(): number {
    return this.#open.length;
  }

  /** Calls back once, when the next socket has said hello. */
  onNextOpen(listener: () => void): void {
    this.#onOpen.add(listener);
  }

  accept(socket: WebSocket): void {
    socket.on("error", () => socket.terminate());
    if (this.count() >= MAX_SOCKETS) {
      this.#note("too_many_websockets", false);
      sendFrame(socket, disconnectFrame("too_many_websockets"));
      socket.close();
      return;
    }
    this.#open.push(socket);
    socket.on("message", (data) => this.#hear(socket, data));
    socket.on("close", () => this.#forget(socket));
    sendFrame(socket, this.#hello());
    this.#note("open");
    const listeners = [...this.#onOpen];
    this.#onOpen.clear();
    for (const listener of listeners) listener();
  }

  /** @returns the envelope, to be sent once or again */
  seal({ envelope: type, payload, retry }: Outgoing): Sealed & { transport: "socket" } {
    const retried = { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? "" };
    const envelope = {
      envelope_id: `${this.#ids.secret()}-${this.#ids.next("")}`,
      type,
      payload,
      accepts_response_payload: type === "slash_commands" || acceptsResponse(payload),
      ...(type === "events_api" ? retried : {}),
    };
    return { transport: "socket", envelope };
  }

  /** Gives the envelope to the next socket and waits for its acknowledgement. Never rejects. */
  async send({ envelope }: Sealed & { transport: "socket" }): Promise<Answer> {
    const socket = this.#pick();
    // Slack has nowhere to bring it; it does not wait for a socket either, as far as is known.
    if (socket === undefined) return { ackMs: 0, timedOut: true, failure: "no_socket" };
    const startedAt = performance.now();
    const payload = await this.#acknowledged(socket, envelope);
    const ackMs = performance.now() - startedAt;
    if (payload === TIMEOUT) return { ackMs, timedOut: true, failure: "timeout" };
    const body = envelope.accepts_response_payload === true ? bodyOf(payload) : undefined;
    return { ackMs, timedOut: false, ...defined({ body }) };
  }

  /** Says goodbye on every socket. After `warning` and `refresh_requested` the app has ten seconds. */
  disconnect(reason: DisconnectReason): void {
    this.#note(reason);
    const patient = reason === "warning" || reason === "refresh_requested";
    for (const socket of [...this.#open]) {
      sendFrame(socket, disconnectFrame(reason));
      if (reason !== "warning") this.#forget(socket);
      if (patient) this.#later(() => socket.close(), GRACE_MS);
      else socket.close();
    }
  }

  /** Breaks every connection without a word. */
  drop(): void {
    this.#note("drop");
    for (const socket of [...this.#open]) {
      this.#forget(socket);
      socket.terminate();
    }
  }

  /** Says and hears nothing more on the connections there are, pings included, as when a cable is pulled. */
  silence(): void {
    this.#note("silence");
    for (const socket of this.#open) {
      this.#silent.add(socket);
      socket.pause();
    }
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { acknowledge } of [...this.#waiting.values()]) acknowledge(TIMEOUT);
    this.#onOpen.clear();
  }

  #pick(): WebSocket | undefined {
    const alive = this.#open.filter((socket) => socket.readyState === socket.OPEN);
    this.#next += 1;
    return alive[this.#next % Math.max(1, alive.length)];
  }

  #acknowledged(socket: WebSocket, envelope: Json & { envelope_id: string }): Promise<unknown> {
    return new Promise((resolve) => {
      const id = envelope.envelope_id;
      const settle = (payload: unknown) => {
        clearTimeout(limit);
        this.#waiting.delete(id);
        resolve(payload);
      };
      const limit = this.#later(() => settle(TIMEOUT), this.#settings.timing.ackMs);
      this.#waiting.set(id, { socket, acknowledge: settle });
      if (!this.#silent.has(socket)) sendFrame(socket, envelope);
    });
  }

  #hear(socket: WebSocket, data: RawData): void {
    const frame = parseJson(String(data));
    const envelope = isObject(frame) ? frame : {};
    const waiting = this.#waiting.get(stringOf(envelope.envelope_id) ?? "");
    // An acknowledgement counts on the socket that brought the envelope, and within its time.
    if (waiting?.socket === socket) waiting.acknowledge(envelope.payload);
    else this.#note("unexpected_ack", false);
  }

  #hello(): Json {
    const debug = { host: "applink-sim-1", build_number: 1, approximate_connection_time: LIFETIME_S };
    return {
      type: "hello",
      num_connections: this.count(),
      connection_info: { app_id: this.#settings.app.appId },
      debug_info: debug,
    };
  }

  #forget(socket: WebSocket): void {
    const index = this.#open.indexOf(socket);
    if (index < 0) return;
    this.#open.splice(index, 1);
    this.#note("close");
  }

  #later(act: () => void, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #note(method: string, ok = true): void {
    this.#log.write({ kind: "socket", method, args: { sockets: this.count() }, ok, applied: true });
  }
}

const TIMEOUT = Symbol("timeout");

/** Only these may be answered in the acknowledgement; what else the app puts there is not looked at. */
function acceptsResponse({ type }: Json): boolean {
  return type === "view_submission" || type === "block_suggestion";
}

/** The Node client sends `{}` for an acknowledgement without an answer. */
function bodyOf(payload: unknown): string | Json | undefined {
  if (typeof payload === "string") return payload === "" ? undefined : payload;
  return isObject(payload) && Object.keys(payload).length > 0 ? payload : undefined;
}

function disconnectFrame(reason: DisconnectReason): Json {
  return { type: "disconnect", reason, debug_info: { host: "applink-sim-1" } };
}

function sendFrame(socket: WebSocket, frame: Json): void {
  socket.send(JSON.stringify(frame));
}
