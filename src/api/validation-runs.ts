import * as z from "zod";
import type { ArgaEvent } from "./events.ts";
import { at, plain } from "./paths.ts";
import { startPrRun } from "./pr-start.ts";
import {
  address,
  anything,
  content,
  count,
  flag,
  freeForm,
  id,
  isObject,
  jsonListOf,
  label,
  renamed,
  status,
  text,
  texts,
  withWhole,
  word,
} from "./shapes.ts";
import { isOver } from "./statuses.ts";
import { follow, type StreamOptions } from "./streaming.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** docs/references/arga-api.md#url-runs */
interface CreateUrlRun {
  /** Public http(s). */
  url: string;
  /** The Free plan asks for one. */
  prompt?: string;
  twins?: string[];
  /** Both or neither. One fixture of the Python SDK has `username` in place of `email`; the docs do not. */
  credentials?: { email: string; password: string };
  /** The docs' example is `visual`; the full set is not known. */
  runner_mode?: string;
  session_id?: string;
  repo?: string;
  branch?: string;
  pr_url?: string;
  /** The run id of twins that are there already. */
  provision_id?: string;
  /** Sent by the CLI only, as is `scenario_id`. */
  ttl_minutes?: number;
  scenario_id?: string;
}

/** Section 12.2. Needs a `branch` or a `pr_url`. */
export interface CreatePrRun {
  /** `owner/repo`. */
  repo: string;
  branch?: string;
  pr_url?: string;
  context_notes?: string;
  scenario_prompt?: string;
  scenario_id?: string;
  twins?: string[];
  frontend_url?: string;
  session_id?: string;
}

const started = z.preprocess(
  renamed("run_id", "id"),
  z.object({ run_id: id, status: word, session_id: word }),
);
const cancelled = z.object({ status: word }).nullish();

const summary = z.object({ step: label, status: label, detail: text });

const validationRun = z.preprocess(
  // Fixtures of the Python SDK have `run_id` beside `id`.
  (value) => withWhole(renamed("id", "run_id")(value)),
  z.object({
    id,
    status,
    whole: anything,
    /** `url_run`, `pr`, `twin_quickstart` …: twin runs can be read here as well. */
    run_type: word,
    mode: word,
    environment_url: address,
    /** In no source; twin runs have one. */
    dashboard_url: address,
    surface_urls: texts,
    twins: texts,
    /** A list of step results by the docs, an object in fixtures; handed on as it came, like the other `_json`. */
    results_json: anything,
    event_log_json: anything,
    story_json: anything,
    attack_plan_json: anything,
    redteam_report_json: anything,
    step_summaries: jsonListOf(summary),
    failure_category: label,
    failure_detail: text,
    created_at: word,
    repo_full_name: word,
    github_pr_number: count,
    commit_sha: word,
    branch: word,
    git_branch: word,
    session_id: word,
  }),
);

const workerLog = z.object({
  job_id: word,
  job_type: label,
  target_role: label,
  status: label,
  content,
  truncated: flag,
  error: text,
});

const runtimeLog = z.object({
  timestamp: word,
  service_name: label,
  severity: label,
  event: text,
  code: anything,
  request_id: word,
  job_id: word,
  surface_name: label,
  message: text,
});

const logs = z.object({
  run: freeForm,
  worker_logs: jsonListOf(workerLog),
  runtime_logs: jsonListOf(runtimeLog),
  warnings: texts,
});

type StartedValidationRun = z.infer<typeof started>;
/** A validation run (docs/references/arga-api.md#the-validation-run). `status` may be any word. */
export type ValidationRun = z.infer<typeof validationRun>;
export type ValidationLogs = z.infer<typeof logs>;

/** Legacy validation runs, over `/validate/…` and `/runs/…`. Methods throw {@link ArgaError}. */
export class ValidationRuns {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A URL that is not public is refused, as is half of the credentials. */
  createUrlRun(body: CreateUrlRun, signal?: AbortSignal): Promise<StartedValidationRun> {
    const place = plain("/validate/url-run");
    return this.#transport.request({ method: "POST", ...place, body: { ...body }, schema: started, signal });
  }

  /** The answer may be JSON or a stream; see {@link startPrRun}. */
  createPrRun(body: CreatePrRun, signal?: AbortSignal): Promise<StartedValidationRun> {
    return startPrRun(this.#transport, { ...body, run_type: "pr_run" }, started, signal);
  }

  /**
   * The sandbox-style run: a PR run with `run_type`. `/validate/agent-run`, which the docs say the Python package
   * still calls, was removed; the code of both SDKs is newer and does as this does.
   */
  createAgentRun(body: CreatePrRun, signal?: AbortSignal): Promise<StartedValidationRun> {
    return startPrRun(this.#transport, { ...body, run_type: "agent_run" }, started, signal);
  }

  /** @throws {ArgaNotFound} also for somebody else's. */
  get(id: string, signal?: AbortSignal): Promise<ValidationRun> {
    return this.#at("/runs/{id}", id, { method: "GET", schema: validationRun, signal });
  }

  /** What the run's workers and its environment wrote. */
  logs(id: string, signal?: AbortSignal): Promise<ValidationLogs> {
    return this.#at("/runs/{id}/logs", id, { method: "GET", schema: logs, signal });
  }

  /** Ends twin runs as well: the CLI ends its own so. */
  cancel(id: string, signal?: AbortSignal): Promise<z.infer<typeof cancelled>> {
    return this.#at("/validate/{id}/cancel", id, { method: "POST", schema: cancelled, signal });
  }

  /**
   * What happens in the run, as it happens, until its status says that it is over. Survives lost
   * connections; see {@link follow}. `StreamOptions.signal` ends it.
   */
  async *results(id: string, options: StreamOptions = {}): AsyncGenerator<ArgaEvent, void, undefined> {
    const place = at("/validate/{id}/results", id);
    const accept = "text/event-stream";
    const open = (headers: Record<string, string>, signal: AbortSignal) =>
      this.#transport.open({ method: "GET", ...place, headers, accept, idleMs: IDLE_MS, signal });
    const isRunOver = async (signal: AbortSignal | undefined) => isOver((await this.get(id, signal)).status);
    yield* follow({ route: `GET ${place.route}`, open, isOver: isRunOver, hints: saysOver }, options);
  }

  async #at<T>(
    route: string,
    id: string,
    request: Pick<RequestOptions<T>, "method" | "schema" | "signal">,
  ): Promise<T> {
    return this.#transport.request({ ...at(route, id), ...request });
  }
}

/** Without a byte for so long, a connection counts as lost. Milliseconds; whether Arga sends heartbeats is not known. */
const IDLE_MS = 60_000;

/**
 * Names of events and an end marker are not documented; each word for the end makes it worth a look at the run. The
 * state of a step says nothing of the run's.
 */
const saysOver = ({ event, data }: ArgaEvent): boolean =>
  [event, isObject(data) && data.step === undefined ? data.status : undefined].some(
    (word) => typeof word === "string" && (word === "done" || word === "end" || isOver(word)),
  );
