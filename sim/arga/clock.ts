// Node fires a timer beyond this at once.
const LONGEST_MS = 2 ** 31 - 1;

/** A callback on its way, and the instant of the wall clock at which it is due. */
interface Waiting {
  at: number;
  readonly callback: () => void;
  timer?: NodeJS.Timeout;
}

/** Timers in simulated time, which passes `speed` times faster than the wall clock. */
export class Clock {
  #speed: number;
  readonly #waiting = new Set<Waiting>();

  constructor(speed: number) {
    this.#speed = speed;
  }

  get speed(): number {
    return this.#speed;
  }

  /** From now on time passes so many times faster than the wall clock; whatever waits has as much of its time left. */
  pace(speed: number): void {
    const left = [...this.#waiting].map((one) => ({ one, seconds: this.secondsUntil(one.at) }));
    this.#speed = speed;
    for (const { one, seconds } of left) this.#arm(one, seconds);
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
    const waiting: Waiting = { at: 0, callback };
    this.#arm(waiting, seconds);
    return () => this.#drop(waiting);
  }

  /** Calls every timer off, so that nothing outlives the server. */
  close(): void {
    for (const one of this.#waiting) this.#drop(one);
  }

  #arm(one: Waiting, seconds: number): void {
    const ms = this.#wallMs(seconds);
    clearTimeout(one.timer);
    this.#waiting.add(one);
    one.at = Date.now() + ms;
    one.timer = setTimeout(() => {
      this.#waiting.delete(one);
      one.callback();
    }, ms);
  }

  #drop(one: Waiting): void {
    clearTimeout(one.timer);
    this.#waiting.delete(one);
  }

  #wallMs(seconds: number): number {
    const ms = (seconds * 1000) / this.#speed;
    if (!(ms >= 0 && ms <= LONGEST_MS)) throw new RangeError(`a timer cannot wait for ${seconds} seconds`);
    return ms;
  }
}
