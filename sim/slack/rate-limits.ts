/**
 * Slack's tiers (docs.slack.dev/apis/web-api/rate-limits): at least so many calls a minute, per method and workspace.
 * `post` is chat.postMessage's own rule; `special` methods have 600 a minute in Slack's own table for its SDKs.
 */
export type Tier = 1 | 2 | 3 | 4 | "post" | "special";

/**
 * Tier 1 is "one and more a minute, bursts tolerated". Taken literally, an app could not open the ten sockets
 * that it is allowed, nor reconnect within a minute; so ten go through here.
 */
const PER_MINUTE: Readonly<Record<Tier, number>> = { 1: 10, 2: 20, 3: 50, 4: 100, special: 600, post: 300 };
const MINUTE = 60_000;

/**
 * "About one message a second in a channel, short bursts tolerated": a bucket that refills by one each second.
 * How long a burst may be is not published; three is enough for a card with two replies and forgives no flood.
 */
const BURST = 3;

interface Bucket {
  tokens: number;
  at: number;
}

export class RateLimits {
  readonly #now: () => number;
  readonly #enabled: boolean;
  readonly #calls = new Map<string, number[]>();
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number, enabled: boolean) {
    this.#now = now;
    this.#enabled = enabled;
  }

  /**
   * Counts a call, or refuses it: the seconds to wait, 0 when it may pass.
   * A refused call is not counted: Slack's advice is to wait for Retry-After, and then it works.
   */
  take(method: string, tier: Tier, channel?: string): number {
    if (!this.#enabled) return 0;
    const now = this.#now();
    const calls = (this.#calls.get(method) ?? []).filter((at) => at > now - MINUTE);
    const bucket = tier === "post" && channel !== undefined ? this.#bucket(channel, now) : undefined;
    const wait = Math.max(waitForWindow(calls, tier, now), waitForBucket(bucket));
    if (wait === 0) {
      calls.push(now);
      if (bucket !== undefined) bucket.tokens -= 1;
    }
    this.#calls.set(method, calls);
    return wait;
  }

  #bucket(channel: string, now: number): Bucket {
    const { tokens, at } = this.#buckets.get(channel) ?? { tokens: BURST, at: now };
    const bucket = { tokens: Math.min(BURST, tokens + (now - at) / 1000), at: now };
    this.#buckets.set(channel, bucket);
    return bucket;
  }
}

function waitForWindow(calls: readonly number[], tier: Tier, now: number): number {
  const oldest = calls[calls.length - PER_MINUTE[tier]];
  return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest + MINUTE - now) / 1000));
}

/** Retry-After has whole seconds; a bucket that refills by one a second never needs more than one. */
function waitForBucket(bucket: Bucket | undefined): number {
  return bucket === undefined || bucket.tokens >= 1 ? 0 : 1;
}
