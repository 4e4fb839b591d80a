import { randomBytes } from "node:crypto";

/** Every id and ts of the workspace. */
export class Ids {
  readonly #now: () => number;
  #count = 0;
  #lastMicros = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** e.g. `V0000001A`: unique, upper case, with Slack's prefix letter. */
  next(prefix: string): string {
    this.#count += 1;
    return `${prefix}0${this.#count.toString(36).toUpperCase().padStart(7, "0")}`;
  }

  secret(): string {
    return randomBytes(12).toString("hex");
  }

  /** A ts such as `1763785000.000100`: time in microseconds, unique and increasing in the workspace. */
  ts(): string {
    this.#lastMicros = Math.max(this.#now() * 1000, this.#lastMicros + 100);
    const micros = Math.round(this.#lastMicros);
    return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}`;
  }

  /** Unix seconds with six decimals, as `action_ts` and view hashes begin. */
  seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
