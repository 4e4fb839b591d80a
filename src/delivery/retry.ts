import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { SlackCallError, SlackRateLimited, SlackRefused } from "../slack/errors.ts";
import type { Caller, Lane, Pacer } from "../slack/pacer.ts";

/** What Slack refuses outright is tried again too, but rarely: settings change, tokens are replaced. In ms. */
const RETRY_MS = 2_000;
const REFUSED_RETRY_MS = 5 * 60_000;

/** A call that did not go through: whose, in which lane, and why. */
interface FailedCall {
  caller: Caller;
  lane: Lane;
  error: unknown;
}

/** When a job tries a call again, in ms since the epoch; a 429 holds its lane for everybody. Throws what isn't Slack's. */
export async function retryAt(
  { pacer, logger }: { pacer: Pacer; logger: Logger },
  { caller, lane, error }: FailedCall,
): Promise<number> {
  if (!(error instanceof SlackCallError)) throw error;
  if (error instanceof SlackRateLimited) {
    await pacer.block(lane, caller.team, error.retryAfterMs);
    return Date.now() + error.retryAfterMs;
  }
  logger.warn({ who: caller.who, lane: lane.name, err: error }, "Slack call failed; retrying");
  return (
    Date.now() + (error instanceof SlackRefused ? REFUSED_RETRY_MS : RETRY_MS * (0.75 + Math.random() / 2))
  );
}

const TRIES = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** For whom no job comes back: tries a call a few times, as far apart as Slack asks; what was refused is not repeated. */
export async function withRetries<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES || error instanceof SlackRefused) throw error;
      const asked = error instanceof SlackRateLimited ? error.retryAfterMs : PAUSE_MS * tries;
      await sleep(Math.min(asked, LONGEST_PAUSE_MS));
    }
  }
}
