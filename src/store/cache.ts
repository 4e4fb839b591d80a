import type { Redis } from "ioredis";
import { guarded } from "./redis.ts";

/** What was seen of Arga last, and whether that is recent enough to judge by. */
export interface Cached<T> {
  value: T;
  isFresh: boolean;
}

export interface CacheOptions<T> {
  redis: Redis;
  key: string;
  /** Milliseconds; after that it is asked for anew when someone needs it, and serves still while Arga is away. */
  freshMs: number;
  /** Asks Arga. Throws {@link ArgaError}. */
  fetch: (signal?: AbortSignal) => Promise<T>;
}

/** Something of Arga's that many need and that seldom changes, shared by all processes. Holds no secrets. */
export class Cache<T> {
  readonly #options: CacheOptions<T>;

  constructor(options: CacheOptions<T>) {
    this.#options = options;
  }

  /** What was seen last, without asking Arga. */
  async peek(): Promise<Cached<T> | undefined> {
    const { redis, key, freshMs } = this.#options;
    const json = await guarded(() => redis.get(key));
    if (!json) return undefined;
    const { at, value } = JSON.parse(json) as { at: number; value: T };
    return { value, isFresh: Date.now() - at < freshMs };
  }

  /** Asks Arga and keeps the answer for all. Throws {@link ArgaError}. */
  async refresh(signal?: AbortSignal): Promise<T> {
    const { redis, key, fetch } = this.#options;
    const value = await fetch(signal);
    await guarded(() => redis.set(key, JSON.stringify({ at: Date.now(), value })));
    return value;
  }

  /** What was seen last if it is fresh, and otherwise Arga's answer. Throws {@link ArgaError}. */
  async get(signal?: AbortSignal): Promise<T> {
    const seen = await this.peek();
    return seen?.isFresh ? seen.value : await this.refresh(signal);
  }
}
