/** When to look at a run next. Milliseconds; `ageMs` is the run's age, or the wait's where that is not known. */
export interface Pace {
  next(ageMs: number): number;
  /** Told of every look that had an answer, to learn from. */
  seen?(ageMs: number, done: boolean): void;
}

/** The interval of Arga's own SDKs, and its growth for runs that take long. */
const STEADY = { least: 2_500, most: 10_000, ofAge: 0.04 };
/** Between looks at a time when runs of this kind usually end. */
const DENSE = { least: 250, most: 2_250, looksInTheWindow: 6 };
/** Before that time. */
const SPARSE = { least: 15_000, ofWindowStart: 0.5 };
/** What is remembered, and how much of it is needed before it counts. */
const MEMORY = { most: 128, least: 8 };

const around = (ms: number, spread: number): number => ms * (1 - spread + 2 * spread * Math.random());

/** Knows nothing of how long runs take: as often as Arga's own clients for the first minute, then ever less. */
export const steadyPace = (): Pace => ({
  next: (ageMs) => around(Math.min(STEADY.most, Math.max(STEADY.least, ageMs * STEADY.ofAge)), 0.1),
});

/**
 * How long runs of one kind took, and the pace that follows from it: seldom while hardly any has ever ended, often
 * in the window in which nine of ten end, then ever less. It assumes that the next run is like those before. The
 * narrower their durations, the more it saves; for durations without a pattern it is no better than a steady pace.
 */
export class Durations {
  readonly #kept: number[] = [];

  /**
   * Milliseconds from create to end. A full memory forgets any one: forgetting the oldest would leave the slowest,
   * since of runs that were started together the slowest end last.
   */
  record(ms: number): void {
    const full = this.#kept.length >= MEMORY.most;
    this.#kept[full ? Math.floor(Math.random() * MEMORY.most) : this.#kept.length] = ms;
  }

  /** The pace of one wait; what it sees is learned from. Wants the run's true age. */
  pace(): Pace {
    const window = this.#window();
    let before = 0;
    return {
      next: (ageMs) => (window ? learnedPause(ageMs, window) : steadyPace().next(ageMs)),
      seen: (ageMs, done) => {
        // It ended between two looks; after a long gap probably late in it, or it would drag the window forward.
        if (done) this.record((Math.max(before, ageMs * 0.8) + ageMs) / 2);
        before = ageMs;
      },
    };
  }

  #window(): Window | undefined {
    if (this.#kept.length < MEMORY.least) return undefined;
    const sorted = [...this.#kept].sort((a, b) => a - b);
    const from = quantile(sorted, 0.05) * 0.95;
    const to = quantile(sorted, 0.95);
    const step = (to - from) / DENSE.looksInTheWindow;
    return { from, to, step: Math.min(DENSE.most, Math.max(DENSE.least, step)) };
  }
}

interface Window {
  from: number;
  to: number;
  step: number;
}

function learnedPause(ageMs: number, { from, to, step }: Window): number {
  if (ageMs >= to) return around(Math.min(STEADY.most, step + 0.1 * (ageMs - to)), 0.1);
  if (ageMs >= from) return around(step, 0.05);
  const seldom = around(Math.max(SPARSE.least, from * SPARSE.ofWindowStart), 0.1);
  const untilWindow = from - ageMs;
  // A random step into the window: those who wait for runs that were made together do not look together.
  return untilWindow > seldom * 1.2 ? seldom : untilWindow + step * Math.random();
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
