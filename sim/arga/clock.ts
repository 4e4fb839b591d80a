// Node fires a timer beyond this at once.
const LONGEST_MS = 2 ** 31 - 1;

/** Timers in simulated time, which passes `speed` times faster than the wall clock. */
export class Clock {
  #speed: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** From now on time passes so many times faster than the wall clock; timers that run already keep theirs. */
  pace(speed: number): void {
    this.#speed = speed;
  }

  /** The wall-clock instant that many simulated seconds after another; both in epoch milliseconds. */
  instantAfter(instant: number, seconds: number): number {
    return instant + this.#wallMs(seconds);
  }

  /** How many simulated seconds are left until an instant of the wall clock; 0 once it is past. */
  secondsUntil(instant: number): number {
    return Math.max(0, ((instant - Date.now()) * this.#speed) / 1000);
  }

  /**
   * Calls back after that many simulated seconds. Returns what calls it off.
   * @throws RangeError for more than 24 days of the wall clock.
   */
  after(seconds: number, callback: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, this.#wallMs(seconds));
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Calls every timer off, so that nothing outlives the server. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #wallMs(seconds: number): number {
    const ms = (seconds * 1000) / this.#speed;
    if (!(ms >= 0 && ms <= LONGEST_MS)) throw new RangeError(`a timer cannot wait for ${seconds} seconds`);
    return ms;
  }
}
