import type { Clock } from "../../../src/api/clock.ts";

interface Timer {
  at: number;
  wake: () => void;
}

/** Time that passes only when everybody sleeps: the next to wake is woken at once. */
export class VirtualClock implements Clock {
  #now = 0;
  #timers: Timer[] = [];
  #isMoving = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer: Timer = { at: this.#now + Math.max(0, ms), wake: resolve };
      const leave = (): void => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#timers.push(timer);
      this.#move();
    });
  }

  /** How many still sleep; 0 means that nothing was left behind. */
  get sleepers(): number {
    return this.#timers.length;
  }

  /** After all microtasks of those who are awake. */
  #move(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    setImmediate(() => {
      this.#isMoving = false;
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (first && first.at <= timer.at ? first : timer),
        undefined,
      );
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((other) => other !== next);
      next.wake();
      if (this.#timers.length > 0) this.#move();
    });
  }
}
