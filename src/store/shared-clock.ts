import type { Redis } from "ioredis";

/** Milliseconds after which Redis is asked again: clocks drift, and another Redis may have taken over. */
const LOOK_AGAIN_MS = 10_000;

/**
 * The time by which processes share Slack's limits: Redis's own. One whose clock is set, or is wrong, would otherwise hold
 * up all the others, or take what is theirs. In between it goes by a clock that nobody sets.
 */
export class SharedClock {
  readonly #redis: Pick<Redis, "time">;
  /** What Redis's clock is ahead of `performance.now()`, in ms; unknown before its first answer. */
  #ahead: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Pick<Redis, "time">) {
    this.#redis = redis;
  }

  /** In ms since the epoch. */
  now(): number {
    if (performance.now() - this.#lookedAt > LOOK_AGAIN_MS) void this.look();
    return this.#ahead === undefined ? Date.now() : Math.round(performance.now() + this.#ahead);
  }

  /** Asks Redis. Never rejects: what was known holds while it's away. */
  async look(): Promise<void> {
    const begun = performance.now();
    this.#lookedAt = begun;
    try {
      const [seconds, microseconds] = await this.#redis.time();
      this.#ahead = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (begun + performance.now()) / 2;
    } catch {
      // It's asked again soon.
    }
  }
}
