import { type Clock, REAL_CLOCK } from "./clock.ts";
import { type ArgaError, ArgaStillRunning } from "./errors.ts";
import { aborted, isPassing } from "./failures.ts";
import { type Pace, steadyPace } from "./pacing.ts";
import { linked } from "./signals.ts";

export interface WaitOptions {
  /** All of the time that there is, the looks included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** How old the run is. Given, the pace goes by it, and a run that was just created is not looked at at once. */
  ageMs?: number;
  /** When to look; the default knows nothing of how long such runs take. See {@link Durations}. */
  pace?: Pace;
  /** Told of every status that was seen, the last one included. */
  onStatus?: (status: string) => void;
  clock?: Clock;
}

export interface WaitFor extends WaitOptions {
  /** Whether this status ends the wait. */
  isDone(status: string): boolean;
}

/** After failures in a row: doubled each time, but never longer than this. Milliseconds. */
const BACKOFF = { first: 500, most: 15_000 };
/** The last look begins this long before the end, so that its answer still counts. Milliseconds. */
const LAST_LOOK = { least: 50, most: 1_000 };

/**
 * Looks at something until its status says that it is done. Survives 429, 5xx, lost connections and looks that hang:
 * these cost time, not the wait. Uses its time to the end, with a last look just before, and never more than it.
 * @throws {ArgaStillRunning} when the time is up, {@link ArgaAborted}, and at once what looking again will not mend.
 */
export function waitFor<T extends { status: string }>(
  look: (signal: AbortSignal) => Promise<T>,
  options: WaitFor,
): Promise<T> {
  return new Wait(look, options).run();
}

class Wait<T extends { status: string }> {
  readonly #look: (signal: AbortSignal) => Promise<T>;
  readonly #options: WaitFor;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #startedAt: number;
  #lookMs: number = LAST_LOOK.least;
  #failures = 0;
  #lastFailure: ArgaError | undefined;
  #lastStatus: string | undefined;

  constructor(look: (signal: AbortSignal) => Promise<T>, options: WaitFor) {
    this.#look = look;
    this.#options = options;
    this.#clock = options.clock ?? REAL_CLOCK;
    this.#pace = options.pace ?? steadyPace();
    this.#startedAt = this.#clock.now();
  }

  async run(): Promise<T> {
    if (this.#options.ageMs !== undefined) await this.#sleep();
    for (;;) {
      const seen = await this.#once();
      if (seen) return seen;
      if (!(await this.#sleep())) throw this.#timeUp();
    }
  }

  /** Until the next look; false when there is no time for another. */
  async #sleep(): Promise<boolean> {
    const pause = this.#pause();
    if (pause !== undefined) await this.#clock.sleep(pause, this.#options.signal);
    return pause !== undefined;
  }

  /** One look; undefined when it failed in passing or the status is not a last one. */
  async #once(): Promise<T | undefined> {
    const at = this.#elapsed();
    try {
      const seen = await this.#bounded(Math.max(0, this.#options.timeoutMs - at));
      this.#learn(seen, at);
      return this.#options.isDone(seen.status) ? seen : undefined;
    } catch (error) {
      if (this.#options.signal?.aborted) throw this.#givenUp();
      if (error instanceof ArgaStillRunning || this.#elapsed() >= this.#options.timeoutMs)
        throw this.#timeUp();
      if (!isPassing(error)) throw error;
      this.#failures++;
      this.#lastFailure = error;
      return undefined;
    }
  }

  #learn(seen: T, at: number): void {
    this.#lookMs = this.#elapsed() - at;
    const { isDone, onStatus, ageMs } = this.#options;
    this.#failures = 0;
    this.#lastFailure = undefined;
    if (seen.status !== this.#lastStatus) onStatus?.(seen.status);
    this.#lastStatus = seen.status;
    // Without the run's age, a wait says nothing of how long runs take.
    if (ageMs !== undefined) this.#pace.seen?.(this.#age(), isDone(seen.status));
  }

  /** A look that is cut when the wait's time is up or the caller gives up. */
  async #bounded(ms: number): Promise<T> {
    const { signal, release, abort } = linked(this.#options.signal);
    const inTime = new AbortController();
    const tooLate = this.#clock.sleep(ms, inTime.signal).then(() => abort());
    try {
      if (signal.aborted) throw this.#givenUp();
      const seen = await Promise.race([this.#look(signal), tooLate]);
      if (!seen) throw this.#timeUp();
      return seen;
    } finally {
      inTime.abort();
      release();
    }
  }

  /** Milliseconds to the next look; undefined when there is no time for another. */
  #pause(): number | undefined {
    const left = this.#options.timeoutMs - this.#elapsed();
    const reserve = Math.min(LAST_LOOK.most, Math.max(LAST_LOOK.least, this.#lookMs * 2));
    if (left <= reserve) return undefined;
    const wanted = this.#failures > 0 ? this.#backoff() : this.#pace.next(this.#age());
    return Math.min(Math.max(1, wanted), left - reserve);
  }

  #backoff(): number {
    const doubled = BACKOFF.first * 2 ** Math.min(this.#failures - 1, 10);
    const own = Math.min(doubled, BACKOFF.most) * (0.5 + Math.random() / 2);
    return Math.max(own, this.#lastFailure?.retryAfterMs ?? 0);
  }

  #age(): number {
    return (this.#options.ageMs ?? 0) + this.#elapsed();
  }

  #elapsed(): number {
    return this.#clock.now() - this.#startedAt;
  }

  #givenUp(): ArgaError {
    return aborted({ route: "wait", sent: "no" });
  }

  #timeUp(): ArgaStillRunning {
    const seconds = Math.round(this.#options.timeoutMs / 100) / 10;
    const status = this.#lastStatus;
    const what = status === undefined ? "Arga did not say how the run is" : `The run was still "${status}"`;
    return new ArgaStillRunning(`${what} after ${seconds} seconds.`, {
      route: "wait",
      sent: "no",
      lastStatus: status,
      ...(this.#lastFailure ? { cause: this.#lastFailure } : {}),
    });
  }
}
