import { randomUUID } from "node:crypto";
import type { RunEvent } from "../runs/run.ts";
import type { Batch, Notice } from "./notices.ts";

/** A notice that its channel has not heard yet, since when. */
export interface Pending {
  notice: Notice;
  since: number;
}

/** How many come as one message each; more are a digest. */
const SINGLE_LIMIT = 3;
/** What a digest has room for. */
const SHOWN_LIMIT = 50;
/** After the first, one waits for others, in ms; in a storm until there is quiet, but no longer than `storm`. */
const GATHER_MS = { one: 2_000, storm: 10_000 };

/** When what is pending is to be posted, in ms since the epoch; undefined: there is nothing. */
export function dueAt(pending: readonly Pending[]): number | undefined {
  const [first] = pending;
  const last = pending.at(-1);
  if (!first || !last) return undefined;
  if (pending.length <= SINGLE_LIMIT) return first.since + GATHER_MS.one;
  return Math.min(last.since + GATHER_MS.one, first.since + GATHER_MS.storm);
}

/** The next message, and how many of the oldest notices it is for. */
export function nextBatch(channel: string, pending: readonly Pending[]): { batch: Batch; taken: number } {
  const notices = pending.map(({ notice }) => notice);
  const [first] = notices;
  if (first && (first.announced || notices.length <= SINGLE_LIMIT))
    return {
      batch: { key: `${first.key}:${channel}`, notices: [first], counts: countsOf([first]) },
      taken: 1,
    };
  const batch = {
    key: `digest:${randomUUID()}`,
    notices: [...notices].sort(byWeight).slice(0, SHOWN_LIMIT),
    counts: countsOf(notices),
  };
  return { batch, taken: notices.length };
}

const WEIGHTS: Record<RunEvent, number> = { failed: 0, expiring: 1, completed: 2, ready: 3 };

const byWeight = (one: Notice, other: Notice): number => WEIGHTS[one.event] - WEIGHTS[other.event];

function countsOf(notices: readonly Notice[]): Batch["counts"] {
  const counts: Batch["counts"] = {};
  // An announcement is no news of a run.
  for (const { event } of notices.filter(({ announced }) => !announced))
    counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}
