import type { Logger } from "pino";

/** Milliseconds between two lines on the same reason. */
const PAUSE_MS = 60_000;

/** Says why requests were rejected: the first of a reason at once, and those of the next minute in one line. */
export class Rejections {
  readonly #logger: Logger;
  readonly #counts = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `why` is one of a few reasons of ours. */
  add(why: string): void {
    const count = this.#counts.get(why);
    this.#counts.set(why, (count ?? -1) + 1);
    if (count === undefined) this.#say(why, 1);
  }

  #say(why: string, count: number): void {
    this.#logger.warn({ why, count }, "Rejected a request that didn't come from Slack");
    setTimeout(() => this.#again(why), PAUSE_MS).unref();
  }

  #again(why: string): void {
    const count = this.#counts.get(why) ?? 0;
    this.#counts.delete(why);
    if (count === 0) return;
    this.#counts.set(why, 0);
    this.#say(why, count);
  }
}
