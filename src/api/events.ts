import { createParser } from "eventsource-parser";
import { ArgaEventTooLarge, type Sent } from "./errors.ts";

/** One event of a stream. Names and payloads aren't documented (docs/references/arga-api.md#the-result-stream). */
export interface ArgaEvent {
  /** Absent where the stream gives none. */
  id: string | undefined;
  /** The event's name; undefined for one without. */
  event: string | undefined;
  /** Parsed where it is JSON, otherwise the text itself. */
  data: unknown;
}

/** The most that one event may have on the wire, in bytes. */
export const EVENT_LIMIT_BYTES = 1024 * 1024;
/** Bytes that are parsed at a time; bounds how many events wait to be taken. */
const PIECE_BYTES = 16 * 1024;

const LF = 10;
const CR = 13;
const COLON = 58;

/**
 * Reads server-sent events out of bytes, however these are cut. Knows nothing of connections: what the source
 * throws is handed through.
 * @throws {ArgaEventTooLarge} before an event is kept that has more than 1 MB.
 */
export class EventReader {
  /** Milliseconds that the server last asked to be left alone for before the next connection. */
  retryMs: number | undefined;
  readonly #route: string;
  readonly #sent: Sent;
  readonly #decoder = new TextDecoder();
  readonly #size = new EventSize();
  readonly #parser = createParser({
    onEvent: ({ id, event, data }) => this.#read.push({ id, event, data: dataOf(data) }),
    onRetry: (ms) => {
      this.retryMs = ms;
    },
  });
  #read: ArgaEvent[] = [];

  /** `sent` is what an error says of the request whose answer this is: a create that was answered was heard. */
  constructor(route: string, sent: Sent = "no") {
    this.#route = route;
    this.#sent = sent;
    // The decoder takes a byte order mark away; the parser looks for a mangled one too, but at its very start alone.
    this.#parser.feed("\n");
  }

  /** The events that these bytes complete, in order. */
  *feed(bytes: Uint8Array): Generator<ArgaEvent, void, undefined> {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      const fits = this.#size.take(piece);
      this.#parser.feed(this.#decoder.decode(piece.subarray(0, fits), STREAM));
      yield* this.#taken();
      if (fits < piece.length) throw this.#tooLarge();
    }
  }

  #taken(): ArgaEvent[] {
    const read = this.#read;
    this.#read = [];
    return read;
  }

  #tooLarge(): ArgaEventTooLarge {
    const message = "An event of Arga's stream is larger than 1 MB.";
    return new ArgaEventTooLarge(message, { route: this.#route, sent: this.#sent });
  }
}

const STREAM = { stream: true };

/**
 * Counts the bytes of the event that is being read. The parser has a limit too, but looks at it between chunks
 * only, so that the same stream would pass or fail by how it was cut.
 */
class EventSize {
  #wasReturn = false;
  #event = 0;
  #line = 0;
  #isComment = false;

  /** How many of these bytes may be kept: all of them, unless an event becomes too large. */
  take(bytes: Uint8Array): number {
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? LF;
      const isSecondOfPair = byte === LF && this.#wasReturn;
      this.#wasReturn = byte === CR;
      if (isSecondOfPair) continue;
      if (byte === LF || byte === CR) this.#endLine();
      else if (!this.#grow(byte)) return index;
    }
    return bytes.length;
  }

  #grow(byte: number): boolean {
    if (this.#line === 0) this.#isComment = byte === COLON;
    this.#line++;
    return this.#event + this.#line <= EVENT_LIMIT_BYTES;
  }

  /** A blank line ends the event; a comment leaves nothing behind, or hours of heartbeats would add up. */
  #endLine(): void {
    if (this.#line === 0) this.#event = 0;
    else if (!this.#isComment) this.#event += this.#line + 1;
    this.#line = 0;
  }
}

function dataOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
