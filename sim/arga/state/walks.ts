import type { Clock } from "../clock.ts";

/** One thing that happens by itself to a run. */
export interface Beat {
  /**
   * Simulated seconds since the beat before; `answer` waits for a person's message, `never` for somebody who
   * moves the run by hand.
   */
  after: number | "answer" | "never";
  act: () => void;
}

interface Walk {
  left: Beat[];
  stopTimer: () => void;
}

/** Runs on their way: each does its beats one after the other, by its timer or by hand. */
export class Walks {
  readonly #walks = new Map<string, Walk>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In place of the beats that were left of that run. */
  start(id: string, beats: Beat[]): void {
    this.drop(id);
    this.#walks.set(id, { left: [...beats], stopTimer: () => {} });
    this.#arm(id);
  }

  /** Does the next beat now. False when none was left. */
  step(id: string): boolean {
    const walk = this.#walks.get(id);
    const beat = walk?.left.shift();
    if (!walk || !beat) return false;
    walk.stopTimer();
    beat.act();
    // The beat may have ended the run, or started another walk of it.
    if (this.#walks.get(id) === walk) this.#arm(id);
    return true;
  }

  /** Does all that is left, now. */
  finish(id: string): void {
    while (this.step(id));
  }

  waitsForAnswer(id: string): boolean {
    return this.#walks.get(id)?.left[0]?.after === "answer";
  }

  drop(id: string): void {
    this.#walks.get(id)?.stopTimer();
    this.#walks.delete(id);
  }

  #arm(id: string): void {
    const walk = this.#walks.get(id);
    const next = walk?.left[0];
    if (!walk) return;
    if (!next) this.#walks.delete(id);
    else if (typeof next.after === "number")
      walk.stopTimer = this.#clock.after(next.after, () => void this.step(id));
    else walk.stopTimer = () => {};
  }
}
