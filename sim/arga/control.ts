import type { World } from "./state/world.ts";

/**
 * What the web app, the CLI or an operator could do elsewhere, past the caller's plan.
 * Each takes effect before it returns.
 * @throws Refusal for an unknown run, or one whose status does not allow it.
 */
export interface Control {
  teardown(runId: string): void;
  expire(runId: string): void;
  fail(runId: string, error: string): void;
  /** Minutes are simulated ones, from now. */
  extend(runId: string, minutes: number): void;
  lock(runId: string): void;
  ready(runId: string): void;
}

export function controlOf({ twinRuns }: World): Control {
  return {
    teardown: (runId) => twinRuns.teardown(runId),
    expire: (runId) => twinRuns.expire(runId),
    fail: (runId, error) => twinRuns.fail(runId, error),
    extend: (runId, minutes) => void twinRuns.extend(runId, minutes),
    lock: (runId) => void twinRuns.lock(runId),
    ready: (runId) => twinRuns.ready(runId),
  };
}
