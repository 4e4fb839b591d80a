import type { Redis } from "ioredis";
import { guarded } from "./redis.ts";

/** What was seen of Arga last, and whether that is recent enough to judge by. */
export interface Seen<T> {
  value: T;
  isFresh: boolean;
}

export interface KnownOptions<T> {
  redis: Redis;
  key: string;
  /** Milliseconds; after that it is asked for anew when someone needs it, and serves still while Arga is away. */
  freshMs: number;
  /** Asks Arga. Throws {@link ArgaError}. */
  ask: (signal?: AbortSignal) => Promise<T>;
}

/** Something of Arga's that many need and that seldom changes, shared by all processes. Holds no secrets. */
export class Known<T> {
  readonly #options: KnownOptions<T>;

  constructor(options: KnownOptions<T>) {
    this.#options = options;
  }

  /** What was seen last, without asking Arga. */
  async last(): Promise<Seen<T> | undefined> {
    const { redis, key, freshMs } = this.#options;
    const json = await guarded(() => redis.get(key));
    if (!json) return undefined;
    const { at, value } = JSON.parse(json) as { at: number; value: T };
    return { value, isFresh: Date.now() - at < freshMs };
  }

  /** Asks Arga and keeps the answer for all. Throws {@link ArgaError}. */
  async ask(signal?: AbortSignal): Promise<T> {
    const { redis, key, ask } = this.#options;
    const value = await ask(signal);
    await guarded(() => redis.set(key, JSON.stringify({ at: Date.now(), value })));
    return value;
  }

  /** What was seen last if it is fresh, and otherwise Arga's answer. Throws {@link ArgaError}. */
  async fresh(signal?: AbortSignal): Promise<T> {
    const seen = await this.last();
    return seen?.isFresh ? seen.value : await this.ask(signal);
  }
}
