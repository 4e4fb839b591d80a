import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { ArgaClient } from "../../api/client.ts";
import { type ArgaError, errorWords } from "../../api/errors.ts";
import type { Run } from "../../runs/run.ts";
import { troubled } from "../../runs/transitions.ts";
import type { ArgaCache } from "../../store/arga-cache.ts";
import { StoreUnavailable } from "../../store/redis.ts";
import type { RunStore } from "../../store/runs.ts";
import type { RunQueues } from "../queues.ts";
import type { RunResult } from "../reconciler.ts";
import { updateRecord } from "../update-run.ts";
import type { Followers } from "./followers.ts";
import type { Lifetimes } from "./lifetimes.ts";

/** What the reconcilers of Arga work with. */
export interface ArgaDeps {
  followers: Pick<Followers, "follow" | "followedFor">;
  store: RunStore;
  queues: RunQueues;
  arga: ArgaClient;
  argaCache: ArgaCache;
  lifetimes: Lifetimes;
  logger: Logger;
  remindBeforeMs: number;
  /** Attempts of creates that this process waits for: none of them is an orphan, however long Redis was away. */
  creating: Set<string>;
  /** Aborted when the process must be gone: what is under way is given up. */
  signal: AbortSignal;
}

/** What a piece of work at Arga left. */
export interface ArgaResult extends RunResult {
  /** There may be more to do at once. */
  more?: boolean;
  /** A follower or a watch of the list looks at it. */
  isWatched?: boolean;
}

/** Writes a change of the record; Slack is brought in line with whatever changed. */
export async function updateRun(deps: ArgaDeps, run: Run, by: (run: Run) => Run): Promise<Run> {
  const next = (await updateRecord(deps.store, run, by)) ?? run;
  if (next.version !== run.version) await deps.queues.enqueue("slack", run);
  return next;
}

const REDIS_BACK_MS = 500;

/**
 * Writes what only this process knows, such as Arga's answer to a create: worth waiting for Redis for as long as the
 * process may live.
 */
export async function updateRunForSure(deps: ArgaDeps, run: Run, by: (run: Run) => Run): Promise<Run> {
  for (;;) {
    try {
      return await updateRun(deps, run, by);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || deps.signal.aborted) throw error;
      await sleep(REDIS_BACK_MS);
    }
  }
}

/** Notes what keeps Arga from being asked, in words for the card. */
export const noteTrouble = (deps: ArgaDeps, run: Run, error: ArgaError): Promise<Run> =>
  updateRun(deps, run, (now) => troubled(now, { with: "arga", text: errorWords(error), since: Date.now() }));
