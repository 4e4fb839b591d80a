import type { Kind, Run } from "../../runs/run.ts";

/** When runs of a kind come to what people wait for, in ms after Arga took them. */
export interface Likely {
  from: number;
  to: number;
}

/** So many are needed for a guess, and so many are kept of each kind; older ones say less of how Arga does today. */
const FEWEST = 3;
const MOST = 20;
/** What is known are moments at which it was seen, so that it may be a little sooner; and the next one may be later than all. */
const SOONER = 0.98;
const LATER = 1.03;

/**
 * How long runs took lately until they were ready, or over by themselves, as this process saw it: whoever looks when that
 * is near, and seldom before, learns of it sooner with fewer requests. After a start it's learned anew.
 */
export class Lifetimes {
  readonly #known = new Map<Kind, number[]>();

  /** Takes note if a look showed that. */
  note(before: Run, after: Run): void {
    const { phase, startedAt } = after;
    if (startedAt === undefined || before.phase.name === phase.name || !hasArrived(before, after)) return;
    const at = phase.name === "ended" ? phase.at : Date.now();
    this.#known.set(after.kind, [...(this.#known.get(after.kind) ?? []), at - startedAt].slice(-MOST));
  }

  /** In whole ms, or a look could be due a thousandth too soon, and again at once; undefined: too little is known. */
  likely(kind: Kind): Likely | undefined {
    const known = this.#known.get(kind) ?? [];
    if (known.length < FEWEST) return undefined;
    return { from: Math.floor(Math.min(...known) * SOONER), to: Math.ceil(Math.max(...known) * LATER) };
  }
}

const hasArrived = ({ phase: before }: Run, { phase }: Run): boolean =>
  phase.name === "ready"
    ? before.name === "starting"
    : phase.name === "ended" &&
      (before.name === "starting" || before.name === "running") &&
      (phase.outcome === "passed" || phase.outcome === "failed");
