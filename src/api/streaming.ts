import type { Opened } from "./answers.ts";
import { type Clock, REAL_CLOCK } from "./clock.ts";
import { type ArgaError, ArgaEventTooLarge, NotArga } from "./errors.ts";
import { type ArgaEvent, EventReader } from "./events.ts";
import { aborted, isPassing } from "./failures.ts";
import { linked } from "./signals.ts";

export interface StreamOptions {
  signal?: AbortSignal | undefined;
  /** Without an event for so long, the run's state is looked at. Milliseconds, default 15,000. */
  checkMs?: number;
  /** So long without any connection, and the last failure is thrown. Milliseconds, default 120,000. */
  patienceMs?: number;
  /** Called when a connection stands: a server without ids begins again with the first event. */
  onConnect?: () => void;
  /** Events that come twice do no harm: a run that ended while its stream was cut is then read once more. */
  isReplayFine?: boolean;
  clock?: Clock;
}

interface Source {
  /** Names the stream in errors. */
  route: string;
  /** Opens one connection; it ends when the signal says so. */
  open(headers: Record<string, string>, signal: AbortSignal): Promise<Opened>;
  /** Whether the run is over, by its own state. What passes (429, 5xx …) is taken for "not that we know". */
  isOver(signal: AbortSignal | undefined): Promise<boolean>;
  /** Whether an event makes it worth looking at once. */
  hints(event: ArgaEvent): boolean;
}

/** Milliseconds. */
const DEFAULTS = { checkMs: 15_000, patienceMs: 120_000 };
const BACKOFF = { first: 250, most: 10_000 };
/** A connection that lasted so long was a good one: the next failure is the first again. */
const GOOD_CONNECTION_MS = 5_000;
/** Once the run is known to be over, what is still on its way has so long to come. */
const LINGER_MS = 400;
const LINGER_MOST_MS = 3_000;
/** What already arrived is read before a timer may win. */
const LEAST_WAIT_MS = 20;
/** An id beyond this is not worth a header that servers would refuse. */
const ID_LIMIT_BYTES = 1_024;

/**
 * Follows a stream until its run is over, across lost connections, silence and servers that end early. Reconnects
 * with a jittered backoff and, where events had ids, `Last-Event-ID`; a server that does not know that header may
 * send events again. How a stream ends is not documented, so that its run's own state decides.
 * @throws {ArgaError} and nothing else: at once for a refusal, after `patienceMs` for what passes.
 */
export async function* follow(
  source: Source,
  options: StreamOptions = {},
): AsyncGenerator<ArgaEvent, void, undefined> {
  const following = new Following(source, options);
  while (!following.isDone) {
    yield* following.connection();
    await following.pause();
  }
}

class Following {
  isDone = false;
  /** Whether the run is known to be over. */
  #isOver = false;
  #sawEnd = false;
  /** Whether a connection that resumes after the last event brings nothing twice. */
  #canResume: boolean | undefined;
  readonly #source: Source;
  readonly #options: StreamOptions;
  readonly #clock: Clock;
  #lastId = "";
  #retryMs: number | undefined;
  #retryAfterMs = 0;
  #attempts = 0;
  #lastConnected: number;
  #nextCheck = 0;

  constructor(source: Source, options: StreamOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock ?? REAL_CLOCK;
    this.#lastConnected = this.#clock.now();
  }

  /** One connection, to its end; afterwards the run's state is known as far as it can be. */
  async *connection(): AsyncGenerator<ArgaEvent, void, undefined> {
    const startedAt = this.#clock.now();
    const own = linked(this.#options.signal);
    let isConnected = false;
    let failure: unknown;
    try {
      const opened = await this.#source.open(this.#headers(), own.signal);
      requireStream(opened, this.#source.route);
      isConnected = true;
      this.#options.onConnect?.();
      yield* this.#events(opened.body);
    } catch (error) {
      failure = error;
    } finally {
      // Patience counts from the loss of a connection, however long it had lasted.
      if (isConnected) this.#lastConnected = this.#clock.now();
      own.abort();
      own.release();
    }
    if (this.#clock.now() - startedAt >= GOOD_CONNECTION_MS) this.#attempts = 0;
    await this.#settle(failure);
  }

  /** Before the next connection. None when the run is over: what is left of the stream is fetched at once. */
  async pause(): Promise<void> {
    if (this.#isOver) return;
    const backoff = Math.min(BACKOFF.most, BACKOFF.first * 2 ** Math.min(this.#attempts++, 10));
    // A stream's own wish counts within reason, a refusal's to the letter.
    const asked = Math.min(this.#retryMs ?? 0, BACKOFF.most);
    // Half to one and a half times as long, so that many who failed together don't come back together.
    const jittered = Math.max(backoff, asked) * (0.5 + Math.random());
    const ms = Math.max(jittered, this.#retryAfterMs);
    this.#retryAfterMs = 0;
    await this.#clock.sleep(ms, this.#options.signal);
    this.#requireWanted();
  }

  async *#events(body: AsyncIterable<Uint8Array>): AsyncGenerator<ArgaEvent, void, undefined> {
    const reader = new EventReader(this.#source.route);
    this.#nextCheck = this.#clock.now() + (this.#isOver ? LINGER_MS : this.#checkMs);
    for await (const bytes of this.#pieces(body)) {
      for (const event of reader.feed(bytes)) yield* this.#noted(event);
      this.#retryMs = reader.retryMs;
    }
  }

  /** Hands the event on before anything is asked about it. */
  async *#noted(event: ArgaEvent): AsyncGenerator<ArgaEvent, void, undefined> {
    this.#lastId = event.id ?? this.#lastId;
    this.#canResume = event.id !== undefined && event.id !== "";
    yield event;
    const isHint = this.#source.hints(event);
    this.#sawEnd ||= isHint;
    if (this.#isOver) return;
    this.#nextCheck = this.#clock.now() + this.#checkMs;
    if (isHint) await this.#check();
  }

  /** The body's bytes, with a look at the run in between when no event came; ends some time after the run did. */
  async *#pieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = body[Symbol.asyncIterator]();
    let next = iterator.next();
    for (;;) {
      const winner = await this.#orTime(next);
      if (winner?.done) return;
      if (winner) {
        // Asked for before this piece is handed on: what arrives meanwhile is there in time.
        next = iterator.next();
        next.catch(() => undefined);
        yield winner.value;
      }
      if (this.#clock.now() < this.#nextCheck) continue;
      if (!this.#isOver) await this.#check();
      // What arrived while the caller was busy is read first, unless it goes on and on.
      else if (!winner || this.#clock.now() - this.#nextCheck > LINGER_MOST_MS) return;
    }
  }

  /** The next piece, or undefined when it is time to look. */
  async #orTime(next: Promise<IteratorResult<Uint8Array>>): Promise<IteratorResult<Uint8Array> | undefined> {
    const timer = new AbortController();
    const ms = Math.max(LEAST_WAIT_MS, this.#nextCheck - this.#clock.now());
    try {
      return await Promise.race([next, this.#clock.sleep(ms, timer.signal).then(() => undefined)]);
    } finally {
      timer.abort();
    }
  }

  /** Asks for the run's state and sets when to do so next. @throws what is not passing. */
  async #check(): Promise<void> {
    this.#requireWanted();
    let leastMs = 0;
    try {
      this.#isOver = await this.#source.isOver(this.#options.signal);
    } catch (error) {
      this.#requireWanted();
      if (!isPassing(error)) throw error;
      leastMs = error.retryAfterMs ?? 0;
    }
    this.#nextCheck = this.#clock.now() + (this.#isOver ? LINGER_MS : Math.max(this.#checkMs, leastMs));
  }

  /** What to make of a connection's end. The run's comes first: a server may well cut or refuse a run that is over. */
  async #settle(failure: unknown): Promise<void> {
    if (failure instanceof ArgaEventTooLarge) throw failure;
    if (failure !== undefined) this.#requireWanted();
    const wasOver = this.#isOver;
    if (!wasOver) await this.#check();
    if (this.#isOver) this.isDone = wasOver || !this.#isWorthOneMore(failure);
    else if (failure !== undefined) this.#endure(failure);
  }

  /** A run that ended while its stream was cut has events left. They are fetched where none can come twice by it. */
  #isWorthOneMore(failure: unknown): boolean {
    if (this.#sawEnd) return false;
    return this.#options.isReplayFine || (this.#canResume ?? isPassing(failure));
  }

  #endure(failure: unknown): void {
    const lostMs = this.#clock.now() - this.#lastConnected;
    const leftMs = (this.#options.patienceMs ?? DEFAULTS.patienceMs) - lostMs;
    // Told to come back after that, it would wait for nothing.
    if (!isPassing(failure) || leftMs < (failure.retryAfterMs ?? 0)) throw failure;
    this.#retryAfterMs = failure.retryAfterMs ?? 0;
  }

  get #checkMs(): number {
    return this.#options.checkMs ?? DEFAULTS.checkMs;
  }

  #requireWanted(): void {
    if (this.#options.signal?.aborted) throw this.#givenUp();
  }

  #givenUp(): ArgaError {
    return aborted({ route: this.#source.route, sent: "no" });
  }

  #headers(): Record<string, string> {
    const id = Buffer.from(this.#lastId, "utf8");
    // Header values are bytes; control characters are the one thing that they may not hold.
    const canBeSent = id.length > 0 && id.length <= ID_LIMIT_BYTES && id.every((b) => b >= 32 && b !== 127);
    return canBeSent ? { "last-event-id": id.toString("latin1") } : {};
  }
}

function requireStream({ status, header }: Opened, route: string): void {
  const type = header("content-type") ?? "";
  if (/^text\/(event-stream|plain)\b/i.test(type) || type === "") return;
  throw new NotArga(`The answer (${status}) isn't a stream of events.`, { route, status, sent: "no" });
}
