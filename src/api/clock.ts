import { setTimeout as timer } from "node:timers/promises";

/** What time it is and how to let it pass; tests bring their own. Milliseconds. */
export interface Clock {
  now(): number;
  /** All of that time, however long. Ends early, without an error, when the signal says so. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own. `performance.now()` does not jump when somebody sets the wall clock. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => timer(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};
