import type { ArgaError } from "../../api/errors.ts";
import { expectedEnd } from "../../runs/actions.ts";
import type { Run } from "../../runs/run.ts";
import type { Likely } from "./lifetimes.ts";

/** When a run is looked at again. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** When to look next if no one asks for anything: often while it changes, rarely while it only grows older. */
export function nextLookAt(run: Run, now: number, likely?: Likely): number | undefined {
  const { phase, deadline } = run;
  switch (phase.name) {
    // Slack's reconciler says when the card stands; if it died on the way, this finds out.
    case "requested":
      return now + 15 * SECOND;
    case "creating":
    case "ended":
      return undefined;
    case "starting":
    case "running":
      return (
        now + (likelyPace(now - (run.startedAt ?? phase.since), likely) ?? jittered(pace(now - phase.since)))
      );
    case "ending":
      return now + jittered(pace(now - phase.since));
    case "ready":
      return Math.min(now + jittered(idlePace(run, now)), ...(deadline ? moments(deadline, now) : []));
  }
}

/** Shorter than the wait that follows it at its shortest, so that it's followed by one look. */
const JUST_NOW = 40 * SECOND;

/** Nobody looks at a twin for most of its life: rarely then, and more often after something happened and before its end. */
function idlePace(run: Run, now: number): number {
  const { phase, newsAt = 0 } = run;
  const since = Math.max("since" in phase ? phase.since : 0, newsAt);
  const end = expectedEnd(run);
  const isNear = end !== undefined && end - now < 5 * MINUTE;
  if (isNear) return 30 * SECOND;
  return now - since < JUST_NOW ? 50 * SECOND : 5 * MINUTE;
}

/** The reminder, the end, and after it as often as while starting, until Arga says that it ended. */
function moments(deadline: NonNullable<Run["deadline"]>, now: number): number[] {
  if (now >= deadline.at) return [now + jittered(pace(now - deadline.at))];
  const end = deadline.at + 250;
  return deadline.reminded || deadline.remindAt <= now ? [end] : [deadline.remindAt, end];
}

/** Milliseconds. A run that fails at once shouldn't be taken for one that goes on. */
const BLIND_MOST = 7 * SECOND;
const NEAR = { least: 500, most: SECOND, looks: 4 };

/**
 * For a run of that age, in ms: seldom until it's likely that it shows what people wait for, and often while it is.
 * undefined: nothing is known, or it's later than ever.
 */
export function likelyPace(age: number, likely: Likely | undefined): number | undefined {
  if (!likely || age > likely.to) return undefined;
  if (age < likely.from) return Math.min(BLIND_MOST, likely.from - age);
  return Math.min(NEAR.most, Math.max(NEAR.least, (likely.to - likely.from) / NEAR.looks));
}

function pace(age: number): number {
  if (age < 30 * SECOND) return 1.5 * SECOND;
  if (age < 120 * SECOND) return 2 * SECOND;
  return age < 600 * SECOND ? 5 * SECOND : 30 * SECOND;
}

const jittered = (ms: number): number => ms * (0.85 + Math.random() * 0.3);

/** Arga's own word on when to come back, else a few seconds that grow with the time it has lasted. */
export function retryAt(run: Run, error: ArgaError): number {
  const lasted = Date.now() - (run.trouble?.since ?? Date.now());
  const wait = error.retryAfterMs ?? Math.min(30 * SECOND, SECOND + lasted / 4);
  return Date.now() + wait * (0.8 + Math.random() * 0.4);
}
