import type { ArgaClient } from "../api/client.ts";
import { ArgaError } from "../api/errors.ts";
import { GOING_ON, isOver } from "../api/statuses.ts";
import type { ValidationLogs, ValidationRun } from "../api/validation-runs.ts";
import type { ActionRequest, ArgaRun, Outcome, ProofFile, Run, Step } from "../runs/run.ts";
import type { Observation } from "../runs/transitions.ts";
import type { FollowOptions, KindDefinition, LogLine, StreamUpdate } from "./kind.ts";
import { proofOf } from "./proof.ts";
import { dashboardOf, instantOf, pageTitle, withoutQuery } from "./targets.ts";
import { isRecord, StepReader, saysFailed } from "./validation-steps.ts";

/**
 * What the kinds `url`, `pr` and `agent` share: Arga runs them all as validation runs
 * (docs/references/arga-api.md#validation-runs). Neither the events of their streams nor the inner shapes of their
 * results are documented, so that these are read by what they have.
 */
export const validationParts = {
  observe,
  follow,
  logs,
  actions: ["cancel"],
  act: async (
    arga: ArgaClient,
    argaRun: ArgaRun,
    request: ActionRequest,
    signal: AbortSignal,
  ): Promise<undefined> => {
    if (request.action === "cancel") await arga.validationRuns.cancel(argaRun.id, signal);
  },
  /** To cancel twice does no harm. */
  hasHappened: ({ phase }: Run): boolean =>
    phase.name === "ending" || (phase.name === "ended" && phase.outcome === "cancelled"),
} as const satisfies Partial<KindDefinition<unknown>>;

async function observe(arga: ArgaClient, argaRun: ArgaRun, signal: AbortSignal): Promise<Observation> {
  const run = await arga.validationRuns.get(argaRun.id, signal);
  const recap = recapOf(run);
  const end = isOver(run.status) ? outcomeOf(run, recap) : undefined;
  const why = run.failure_detail ?? run.failure_category;
  return {
    state: end ? "ended" : WAITING.has(run.status) ? "starting" : "running",
    isOdd: end === undefined && !GOING_ON.has(run.status),
    ...(end ? { outcome: end } : {}),
    ...(why ? { why } : {}),
    recap,
    ...(end === "failed" ? { proof: () => proofIn(arga, run, recap) } : {}),
    arga: { status: run.status, links: linksOf(run), ...dashboardOf(run) },
  };
}

/** The results may be text in which JSON stands. */
const proofIn = (arga: ArgaClient, run: ValidationRun, recap: readonly Step[]): ProofFile[] => {
  const results = parsed(run.results_json);
  const answer = isRecord(run.whole) ? { ...run.whole, results_json: results } : {};
  return proofOf(arga.artifacts.in(answer, `/validate/${run.id}/artifacts`), recap);
};

/** Any word that is neither of these nor a last one counts as running, as in Arga's own CLI. */
const WAITING = new Set(["queued", "pending"]);

/** `completed` says that it came to its end; what it found decides whether it passed. */
function outcomeOf(run: ValidationRun, recap: readonly Step[]): Outcome {
  if (/^cancell?ed$/.test(run.status)) return "cancelled";
  const isComplete = run.status === "completed" || run.status === "complete";
  const hasFailed =
    Boolean(run.failure_detail || run.failure_category) || recap.some(({ state }) => state === "failed");
  return isComplete && !hasFailed && !isNegative(run.results_json) ? "passed" : "failed";
}

function isNegative(json: unknown): boolean {
  const results = parsed(json);
  if (!isRecord(results)) return false;
  const { passed, success, failed } = results;
  const someFailed = Array.isArray(failed) ? failed.length > 0 : Number(failed) > 0;
  return passed === false || success === false || someFailed || saysFailed(results);
}

/** The `_json` fields could be just that: text. */
function parsed(json: unknown): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function linksOf(run: ValidationRun): ArgaRun["links"] {
  const addresses = [run.environment_url, ...(run.surface_urls ?? [])].flatMap(
    (text) => (text && withoutQuery(text)) || [],
  );
  const environment = run.environment_url && withoutQuery(run.environment_url);
  return [...new Set(addresses)].map((url) => ({
    label: url === environment ? `environment ${pageTitle(url)}` : pageTitle(url),
    url,
  }));
}

/** The steps that the run itself lists, with the keys that its stream gives them. */
function recapOf(run: ValidationRun): Step[] {
  const reader = new StepReader();
  const summaries = run.step_summaries?.length ? run.step_summaries : listIn(run.results_json);
  return summaries.flatMap((data) => reader.read({ id: undefined, event: undefined, data }).steps);
}

function listIn(json: unknown): unknown[] {
  const results = parsed(json);
  if (Array.isArray(results)) return results;
  const inner = isRecord(results) ? (results.steps ?? results.results) : undefined;
  return Array.isArray(inner) ? inner : [];
}

/** Whoever follows looks at the run by itself, and more often. Milliseconds. */
const CHECK_MS = 60_000;

async function* follow(
  arga: ArgaClient,
  argaRun: ArgaRun,
  { signal }: FollowOptions,
): AsyncGenerator<StreamUpdate> {
  const reader = new StepReader();
  const onConnect = (): void => reader.reconnected();
  for await (const event of arga.validationRuns.results(argaRun.id, {
    signal,
    onConnect,
    isReplayFine: true,
    checkMs: CHECK_MS,
  }))
    yield reader.read(event);
}

/** All that Arga keeps of it: its steps, then the logs of those who worked on it. */
async function logs(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<LogLine[]> {
  const [run, log] = await Promise.all([
    arga.validationRuns.get(argaRun.id, signal),
    // What the run itself says is worth reading without the logs of those who worked on it.
    arga.validationRuns.logs(argaRun.id, signal).then(linesOf, unreadable),
  ]);
  const steps = recapOf(run).map(
    (step): LogLine => ({
      source: step.state === "note" ? "note" : "step",
      text: step.detail ? `${step.text}: ${step.detail}` : step.text,
      isError: step.state === "failed",
      ...(step.at === undefined ? {} : { at: step.at }),
    }),
  );
  const why = run.failure_detail ?? run.failure_category;
  const end: LogLine[] = why ? [{ source: "failure", text: why, isError: true }] : [];
  return [...steps, ...log, ...end];
}

const linesOf = (log: ValidationLogs): LogLine[] => [...workerLines(log), ...runtimeLines(log)];

function unreadable(error: unknown): LogLine[] {
  if (!(error instanceof ArgaError)) throw error;
  return [{ source: "logs", text: `I couldn't get these: ${error.message}`, isError: true }];
}

const workerLines = ({ worker_logs, warnings }: ValidationLogs): LogLine[] => [
  ...(worker_logs ?? []).flatMap((job) => {
    const source = job.target_role ?? job.job_type ?? "worker";
    const lines = (job.content ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
    return [
      ...lines.map((text) => ({
        source,
        text,
        isError: /\b(?<!\b(?:0|no) )(?:error|failed|exception|traceback)\b/i.test(text),
      })),
      ...(job.error ? [{ source, text: job.error, isError: true }] : []),
    ];
  }),
  ...(warnings ?? []).map((text) => ({ source: "warning", text, isError: false })),
];

const runtimeLines = ({ runtime_logs }: ValidationLogs): LogLine[] =>
  (runtime_logs ?? []).map((line) => {
    const at = instantOf(line.timestamp);
    const source = line.service_name ?? line.surface_name;
    return {
      text: [line.event, line.message].filter(Boolean).join(": ") || "(no message)",
      isError: /error|critical|fatal/i.test(line.severity ?? ""),
      ...(source ? { source } : {}),
      ...(at === undefined ? {} : { at }),
    };
  });
