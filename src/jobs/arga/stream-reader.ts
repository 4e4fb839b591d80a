import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { messageOf } from "../../base/errors.ts";
import type { StreamUpdate } from "../../kinds/kind.ts";
import { progressed } from "../../runs/progress.ts";
import type { RunRef, Step } from "../../runs/run.ts";
import type { RunStore } from "../../store/runs.ts";
import type { RunQueues } from "../queues.ts";

interface ReadingOptions {
  run: RunRef;
  store: RunStore;
  queues: RunQueues;
  logger: Logger;
  /** Looks at the run and notes what it finds, but for its end; false: it is over. */
  look: (ref: RunRef) => Promise<boolean>;
  /** Ends the stream. */
  stopping: AbortController;
}

/** Milliseconds. What comes together is written together. */
const GATHER_MS = 250;
/** A chatty stream must not become a look for each event; a silent one is looked at all the same. */
const TURN_MS = 500;
const SAFETY_MS = 25_000;
/** A run that is over may have events on their way. */
const DRAIN_MS = 500;
const RETRY_MS = 500;

/**
 * Reads one run's stream into its record. Reading never waits: what was said is written, and what may be a turn
 * is looked at, by one piece of work at a time behind it. The run's end is left to whoever looks when the stream is
 * read: a thread says nothing after it.
 */
export class Reading {
  readonly #options: ReadingOptions;
  readonly #pending: Step[] = [];
  #isTurn = false;
  #lookedAt = 0;
  #isDone = false;
  #work: Promise<void> | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** To the stream's end. Rejects with what the stream ended with. */
  async read(events: AsyncIterable<StreamUpdate>): Promise<void> {
    const safety = setInterval(() => this.#took({ steps: [], isTurn: true }), SAFETY_MS);
    try {
      for await (const update of events) this.#took(update);
    } catch (error) {
      // Ended by ourselves because the run is over: nothing is wrong with it.
      if (!this.#options.stopping.signal.aborted) throw error;
    } finally {
      clearInterval(safety);
      this.#isDone = true;
      await this.#work;
      await this.#write();
    }
  }

  #took({ steps, isTurn }: StreamUpdate): void {
    this.#pending.push(...steps);
    this.#isTurn ||= isTurn;
    if (this.#isTurn || this.#pending.length > 0) this.#work ??= this.#carryOut();
  }

  async #carryOut(): Promise<void> {
    const { signal } = this.#options.stopping;
    try {
      while (!this.#isDone && (this.#pending.length > 0 || this.#isTurn)) {
        const isLookDue = this.#isTurn && Date.now() - this.#lookedAt >= TURN_MS;
        if (!isLookDue) await sleep(GATHER_MS, undefined, { signal }).catch(() => undefined);
        await this.#write();
        if (isLookDue) await this.#look();
      }
    } catch (error) {
      // Redis is away: what was read is kept for the next try.
      this.#options.logger.debug(
        { run: this.#options.run.id, why: messageOf(error) },
        "Couldn't save steps yet; retrying",
      );
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    } finally {
      this.#work = undefined;
      if (!this.#isDone) this.#took({ steps: [], isTurn: false });
    }
  }

  async #look(): Promise<void> {
    this.#isTurn = false;
    this.#lookedAt = Date.now();
    const { look, run, stopping } = this.#options;
    if (!(await look(run))) setTimeout(() => stopping.abort(), DRAIN_MS).unref();
  }

  async #write(): Promise<void> {
    if (this.#pending.length === 0) return;
    const { store, queues, run } = this.#options;
    const steps = this.#pending.splice(0);
    try {
      let isNews = false;
      await store.updateNewest(run, (now) => {
        const next = progressed(now, steps, Date.now());
        isNews = next !== now;
        return next;
      });
      if (isNews) await queues.enqueue("slack", run);
    } catch (error) {
      this.#pending.unshift(...steps);
      throw error;
    }
  }
}
