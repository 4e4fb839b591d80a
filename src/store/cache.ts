import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { guarded } from "./redis.ts";

/** What was seen of Arga last, and whether that is recent enough to judge by. */
export interface Cached<T> {
  value: T;
  isFresh: boolean;
}

interface CacheOptions<T> {
  redis: Redis;
  key: string;
  /** Milliseconds; after that it is asked for anew when someone needs it, and serves still while Arga is away. */
  freshMs: number;
  /** Asks Arga. Throws {@link ArgaError}. */
  fetch: (signal?: AbortSignal) => Promise<T>;
}

/** Arga may be slow; whoever waits for it here has Slack waiting. */
const ASK_MS = 20_000;

/** Milliseconds for which what was read of Redis serves this process. */
const HELD_MS = 1_000;

/** Something of Arga's that many need and that seldom changes, shared by all processes. Holds no secrets. */
export class Cache<T> {
  readonly #options: CacheOptions<T>;
  /** Every command looks at these: read anew each time, they'd cost a round trip and a parse. */
  #held: { at: number; value: T; readAt: number } | undefined;
  #reading: Promise<void> | undefined;
  /** One question at a time, however many people type. */
  #asking: Promise<Cached<T> | undefined> | undefined;

  constructor(options: CacheOptions<T>) {
    this.#options = options;
  }

  /** What was seen last, without asking Arga; another process's answer is noticed a second late at the most. */
  async peek(): Promise<Cached<T> | undefined> {
    const { freshMs } = this.#options;
    if (!this.#held || Date.now() - this.#held.readAt > HELD_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    return this.#held && { value: this.#held.value, isFresh: Date.now() - this.#held.at < freshMs };
  }

  async #read(): Promise<void> {
    const { redis, key } = this.#options;
    const json = await guarded(redis.get(key));
    this.#held = json ? { ...(JSON.parse(json) as { at: number; value: T }), readAt: Date.now() } : undefined;
  }

  /** Asks Arga and keeps the answer for all. Throws {@link ArgaError}. */
  async refresh(signal?: AbortSignal): Promise<T> {
    const { redis, key, fetch } = this.#options;
    const value = await fetch(signal);
    const at = Date.now();
    await guarded(redis.set(key, JSON.stringify({ at, value })));
    this.#held = { at, value, readAt: at };
    return value;
  }

  /** What was seen serves on, but whoever has to be sure asks anew. Never throws. */
  async expire(): Promise<void> {
    const seen = await this.peekSafely();
    if (!seen) return;
    const { redis, key } = this.#options;
    this.#held = { at: 0, value: seen.value, readAt: Date.now() };
    await redis.set(key, JSON.stringify({ at: 0, value: seen.value })).catch(() => {});
  }

  /** What was seen last if it is fresh, and otherwise Arga's answer. Throws {@link ArgaError}. */
  async get(signal?: AbortSignal): Promise<T> {
    const seen = await this.peek();
    return seen?.isFresh ? seen.value : await this.refresh(signal);
  }

  /** What was seen last, or nothing where Redis doesn't say: for what is of use without. Never throws. */
  async peekSafely(): Promise<Cached<T> | undefined> {
    return await this.peek().catch(() => undefined);
  }

  /** The newest that Arga has, however long it takes; undefined if it doesn't answer. Never throws. */
  async getFresh(): Promise<Cached<T> | undefined> {
    const seen = await this.peekSafely();
    return seen?.isFresh ? seen : await this.#ask();
  }

  /** The newest that can be had within a time, in ms: a late answer serves whoever asks next. Never throws. */
  async getWithin(patienceMs: number): Promise<Cached<T> | undefined> {
    const late = sleep(patienceMs, undefined, { ref: false });
    const seen = await this.peekSafely();
    if (seen?.isFresh) return seen;
    return (await Promise.race([this.#ask(), late])) ?? seen;
  }

  #ask(): Promise<Cached<T> | undefined> {
    this.#asking ??= this.refresh(AbortSignal.timeout(ASK_MS))
      .then(
        (value) => ({ value, isFresh: true }),
        () => undefined,
      )
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
