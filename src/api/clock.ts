import { setTimeout as sleep } from "node:timers/promises";

/** What time it is and how to let it pass; tests bring their own. Milliseconds. */
export interface Clock {
  now(): number;
  /** Ends early, without an error, when the signal says so. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers take no longer time, and fire at once when given one; nearly 25 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own. `performance.now()` does not jump when somebody sets the wall clock. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    sleep(Math.min(ms, LONGEST_MS), undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** Half to one and a half times as long, so that many who failed together do not come back together. */
export const jittered = (ms: number): number => ms * (0.5 + Math.random());
