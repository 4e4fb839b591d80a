import type { Settings } from "../options.ts";
import { appUrl } from "./sandboxes.ts";
import type { TwinRun } from "./twin-runs.ts";
import type { Validation } from "./validations.ts";

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
  branch: null,
  session_id: null,
};

/** A validation run as `GET /runs/{id}` shows it. The inner shapes of the `…_json` fields are not known. */
export function validationView(run: Validation, { dialect }: Settings): Record<string, unknown> {
  const results = run.results.map((result) => ({ ...result }));
  return {
    ...nothing,
    ...headOf(run.runId, run),
    run_type: run.runType,
    mode: run.mode,
    environment_url: run.runType === "url_run" ? null : appUrl(run.runId),
    surface_urls: run.url === null ? [] : [run.url],
    twins: run.twins,
    results_json: results.length === 0 ? null : dialect.resultsJson === "list" ? results : { steps: results },
    event_log_json: run.events.map(({ event, data }) => ({ type: event, ...data })),
    story_json: run.runType === "url_run" ? null : { title: run.prompt, steps: run.plan },
    step_summaries: results.map(({ step, status, detail }) => ({ step, status, detail })),
    failure_category: run.failure?.category ?? null,
    failure_detail: run.failure?.detail ?? null,
    repo_full_name: run.repo,
    github_pr_number: pullNumberOf(run),
    branch: run.branch,
    session_id: run.sessionId,
  };
}

/** A twin run read through the same route. */
export function twinAsRunView(run: TwinRun): Record<string, unknown> {
  return {
    ...nothing,
    ...headOf(run.runId, run),
    run_type: "twin_quickstart",
    mode: "quick",
    twins: run.twins,
    failure_detail: run.error,
  };
}

/** One line of `GET /validation/runs`. */
export function historyItem(run: Validation): Record<string, unknown> {
  const { run_id, status, created_at } = headOf(run.runId, run);
  const number = pullNumberOf(run);
  return { run_id, status, repo: run.repo, pr_number: number, branch: run.branch, created_at };
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
        status: run.status,
        content,
        truncated: false,
        error: run.failure?.detail ?? null,
      },
    ],
    runtime_logs: run.results.map(({ status, detail }, index) => ({
      timestamp: new Date(run.createdAt + index).toISOString(),
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
function headOf(id: string, { status, createdAt }: { status: string; createdAt: number }) {
  return { id, run_id: id, status, created_at: new Date(createdAt).toISOString() };
}

function pullNumberOf({ prUrl }: Validation): number | null {
  const number = /\/pull\/(\d+)/.exec(prUrl ?? "")?.[1];
  return number === undefined ? null : Number(number);
}
