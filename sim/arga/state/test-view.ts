import type { Settings } from "../options.ts";
import { artifactFields, stepFields } from "./artifacts.ts";
import { has, oddly, oddTestEvents, statusWord } from "./oddities.ts";
import type { SavedTest } from "./saved-tests.ts";
import type { TestRun } from "./test-runs.ts";

/** A test run as all its routes show it. Its id is `id`, not `run_id`. */
export function testRunView(run: TestRun, settings: Settings): Record<string, unknown> {
  const { dialect } = settings;
  return {
    id: run.id,
    status: statusWord(run, dialect),
    mode: run.mode,
    source_run_id: run.sourceRunId,
    start_url: run.startUrl,
    prompt: run.prompt,
    sandbox_id: run.sandboxId,
    test_config_json: run.testConfig,
    events_json: eventsOf(run, settings),
    error_message: run.errorMessage,
    created_at: new Date(run.createdAt).toISOString(),
    updated_at: new Date(run.updatedAt).toISOString(),
    ...(dialect.testTotals && totals(run)),
    ...artifactFields(pictured(run), settings),
  };
}

// May be null; when it is, no source says: here as long as nothing has happened.
function eventsOf(run: TestRun, settings: Settings): unknown[] | null {
  const { outcome } = run;
  const fields = stepFields(pictured(run), settings);
  const events = run.events.map((event) => (event.type === "error" ? { ...event, ...fields } : event));
  if (events.length === 0) return null;
  const shown = oddly(outcome, events, "message");
  return has(outcome, "odd events") ? [...oddTestEvents, ...shown] : shown;
}

/** What its pictures are of. */
export const pictured = (run: TestRun) => ({
  at: `/test-runs/${run.id}`,
  steps: run.stepsDone,
  failed: run.status === "failed",
});

export function savedTestView(test: SavedTest): Record<string, unknown> {
  return {
    id: test.id,
    name: test.name,
    description: test.description,
    repo_full_name: test.repoFullName,
    ci_enabled: test.ciEnabled,
    start_url: test.startUrl,
    prompt: test.prompt,
    tags: test.tags,
    test_config_json: test.testConfig,
    created_at: new Date(test.createdAt).toISOString(),
    updated_at: new Date(test.updatedAt).toISOString(),
  };
}

// The four are named by one source that does not say where they are.
function totals(run: TestRun): Record<string, unknown> {
  const failed = run.status === "failed" ? 1 : 0;
  const passed = run.stepsDone - failed;
  const total = run.steps.length;
  return { passed, failed, total, summary: `${passed} of ${total} steps passed` };
}
