import { isOver } from "./statuses.ts";
import type { TestEvent, TestRun } from "./test-runs.ts";

/** A step of a test run, as far as the run's log tells. */
interface TestStep {
  /** From 1. */
  ordinal: number;
  /** What it does, in the log's own words. */
  message: string;
  state: "done" | "running" | "failed";
  timestamp: string | undefined;
}

/** The run's log. Arga has no route for it: its own CLI prints `events_json` too. */
export const logOf = (run: TestRun): TestEvent[] => run.events_json ?? [];

/**
 * The run's steps so far: its log's entries whose type begins with `step`. The types of a test run's log are not
 * documented, so that a run may show none. The last step is the one that goes on, or that failed.
 */
export function stepsOf(run: TestRun): TestStep[] {
  const entries = logOf(run).filter(({ type }) => type?.toLowerCase().startsWith("step"));
  return entries.map(({ message, timestamp }, index) => ({
    ordinal: index + 1,
    message: message ?? "",
    state: index < entries.length - 1 ? "done" : lastState(run.status),
    timestamp: timestamp ?? undefined,
  }));
}

/** How many steps there will be, where the run has a recorded config (docs/references/arga-api.md#test-config). */
export function stepCountOf(run: TestRun): number | undefined {
  const steps = run.test_config_json?.steps;
  return Array.isArray(steps) ? steps.length : undefined;
}

function lastState(status: string): TestStep["state"] {
  if (!isOver(status)) return "running";
  return status === "complete" || status === "completed" ? "done" : "failed";
}
