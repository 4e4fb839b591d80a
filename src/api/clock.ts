import { setTimeout as timer } from "node:timers/promises";

/** What time it is and how to let it pass; tests bring their own. Milliseconds. */
export interface Clock {
  now(): number;
  /** All of that time, however long. Ends early, without an error, when the signal says so. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers take no longer time, and fire at once when given one; nearly 25 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own. `performance.now()` does not jump when somebody sets the wall clock. */
export function realClock(longestTimerMs = LONGEST_TIMER_MS): Clock {
  const now = () => performance.now();
  return {
    now,
    async sleep(ms, signal) {
      const endsAt = now() + ms;
      let left = ms;
      do {
        const piece = Math.min(left, longestTimerMs);
        await timer(piece, undefined, signal ? { signal } : {}).catch(() => undefined);
        // A timer may fire a little early; only what is left beyond one timer's time is slept again.
        left = ms > longestTimerMs ? endsAt - now() : 0;
      } while (left > 0 && !signal?.aborted);
    },
  };
}

export const REAL_CLOCK: Clock = realClock();

/** Half to one and a half times as long, so that many who failed together do not come back together. */
export const jittered = (ms: number): number => ms * (0.5 + Math.random());
