import type { Dialect } from "../dialect.ts";
import type { Settings } from "../options.ts";
import { artifactFields, stepFields } from "./artifacts.ts";
import { has, oddly, statusWord } from "./oddities.ts";
import { appUrl } from "./sandboxes.ts";
import type { TwinRun } from "./twin-runs.ts";
import type { ResultEvent, Validation } from "./validations.ts";

const nothing = {
  environment_url: null,
  surface_urls: [],
  twins: [],
  results_json: null,
  event_log_json: null,
  story_json: null,
  attack_plan_json: null,
  redteam_report_json: null,
  step_summaries: null,
  failure_category: null,
  failure_detail: null,
  repo_full_name: null,
  github_pr_number: null,
  commit_sha: null,
  session_id: null,
};

/** A validation run as `GET /runs/{id}` shows it. The inner shapes of the `…_json` fields are not known. */
export function validationView(run: Validation, settings: Settings): Record<string, unknown> {
  const { dialect } = settings;
  return {
    ...nothing,
    ...headOf(run.runId, run, dialect),
    run_type: run.runType,
    mode: run.mode,
    environment_url: run.runType === "url_run" ? null : appUrl(run.runId),
    surface_urls: run.url === null ? [] : [run.url],
    twins: run.twins,
    ...outcomeOf(run, settings),
    ...artifactFields(picturedValidation(run), settings),
    story_json: run.runType === "url_run" ? null : { title: run.prompt, steps: run.plan },
    failure_category: run.failure?.category ?? null,
    failure_detail: run.failure?.detail ?? null,
    repo_full_name: run.repo,
    github_pr_number: pullNumberOf(run),
    [dialect.branchField]: run.branch,
    session_id: run.sessionId,
  };
}

// Before the first result, `results_json` is null; a run may also end with nothing but empty lists.
function outcomeOf(run: Validation, settings: Settings): Record<string, unknown> {
  const { dialect } = settings;
  const fields = stepFields(picturedValidation(run), settings);
  const all = run.results.map((one) => (one.status === "failed" ? { ...one, ...fields } : one));
  const steps = oddly(run.outcome, all, "detail");
  const results = dialect.resultsJson === "list" ? steps : { steps };
  return {
    results_json: run.results.length === 0 ? null : results,
    step_summaries: run.results.length === steps.length ? steps : [],
    event_log_json: has(run.outcome, "empty results") ? [] : run.events.map(loggedEvent),
  };
}

/** What its pictures are of. */
export const picturedValidation = (run: Validation) => ({
  at: `/validate/${run.runId}`,
  steps: run.results.length,
  failed: run.results.at(-1)?.status === "failed",
});

function loggedEvent({ event, data }: ResultEvent): Record<string, unknown> {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  return { type: event, ...(isObject ? data : { data }) };
}

/** A twin run read through the same route. */
export function twinAsRunView(run: TwinRun, { dialect }: Settings): Record<string, unknown> {
  return {
    ...nothing,
    ...headOf(run.runId, run, dialect),
    run_type: "twin_quickstart",
    mode: "quick",
    twins: run.twins,
    failure_detail: run.error,
    [dialect.branchField]: null,
  };
}

/** One line of `GET /validation/runs`. */
export function historyItem(run: Validation, { dialect }: Settings): Record<string, unknown> {
  return {
    run_id: run.runId,
    status: statusWord(run, dialect),
    repo: run.repo,
    pr_number: pullNumberOf(run),
    branch: run.branch,
    created_at: isoOf(run.createdAt),
  };
}

/** The logs of a validation run, one worker and one runtime line for each of its steps. */
export function logsView(run: Validation, settings: Settings): Record<string, unknown> {
  const content = run.results.map(({ step, status }) => `${status}: ${step}`).join("\n");
  return {
    run: validationView(run, settings),
    worker_logs: [
      {
        job_id: `job-${run.runId.slice(0, 8)}`,
        job_type: run.runType,
        target_role: "browser",
        status: statusWord(run, settings.dialect),
        content,
        truncated: false,
        error: run.failure?.detail ?? null,
      },
    ],
    runtime_logs: run.results.map(({ status, detail }, index) => ({
      timestamp: isoOf(run.createdAt + index),
      service_name: "runner",
      severity: status === "failed" ? "error" : "info",
      event: "step",
      code: null,
      request_id: null,
      job_id: `job-${run.runId.slice(0, 8)}`,
      surface_name: null,
      message: detail,
    })),
    warnings: [],
  };
}

// The Python fixtures have both names of the id.
function headOf(id: string, run: TwinRun | Validation, dialect: Required<Dialect>) {
  return {
    id,
    ...(dialect.optionalFields === "shown" && { run_id: id }),
    status: statusWord(run, dialect),
    created_at: isoOf(run.createdAt),
  };
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

function pullNumberOf({ prUrl }: Validation): number | null {
  const number = /\/pull\/(\d+)/.exec(prUrl ?? "")?.[1];
  return number === undefined ? null : Number(number);
}
