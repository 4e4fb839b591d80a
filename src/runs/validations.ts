import { createHash } from "node:crypto";
import type { ArgaClient } from "../api/client.ts";
import type { ArgaEvent } from "../api/events.ts";
import { GOING_ON, isOver } from "../api/statuses.ts";
import type { ValidationLogs, ValidationRun } from "../api/validation-runs.ts";
import type { Following, KindDefinition, LogLine, Offer, Told } from "./kind.ts";
import type { ArgaSide, Outcome, Run, Step, Wish } from "./run.ts";
import { dashboardOf, instantOf, withoutQuery } from "./targets.ts";
import type { Observation } from "./transitions.ts";

/**
 * What the kinds `url`, `pr` and `agent` share: Arga runs them all as validation runs (facts/arga-api.md,
 * section 12). Neither the events of their streams nor the inner shapes of their results are documented, so that
 * these are read by what they have.
 */
export const validationParts = {
  observe,
  follow,
  logs,
  offers,
  actions: ["cancel"],
  act: async (arga: ArgaClient, side: ArgaSide, wish: Wish, signal: AbortSignal): Promise<undefined> => {
    if (wish.action === "cancel") await arga.validationRuns.cancel(side.id, signal);
  },
  /** To cancel twice does no harm. */
  hasHappened: ({ phase }: Run): boolean =>
    phase.name === "ending" || (phase.name === "ended" && phase.outcome === "cancelled"),
} as const satisfies Partial<KindDefinition<unknown>>;

async function observe(arga: ArgaClient, side: ArgaSide, signal: AbortSignal): Promise<Observation> {
  const run = await arga.validationRuns.get(side.id, signal);
  const recap = recapOf(run);
  const end = isOver(run.status) ? outcomeOf(run, recap) : undefined;
  const why = run.failure_detail ?? run.failure_category;
  return {
    state: end ? "ended" : WAITING.has(run.status) ? "starting" : "running",
    isOdd: end === undefined && !GOING_ON.has(run.status),
    ...(end ? { outcome: end } : {}),
    ...(why ? { why } : {}),
    recap,
    arga: { status: run.status, links: linksOf(run), ...dashboardOf(run) },
  };
}

/** Any word that is neither of these nor a last one counts as running, as in Arga's own CLI (section 12.4). */
const WAITING = new Set(["queued", "pending"]);

/** `completed` says that it came to its end; what it found decides whether it passed. */
function outcomeOf(run: ValidationRun, recap: readonly Step[]): Outcome {
  if (/^cancell?ed$/.test(run.status)) return "cancelled";
  const isComplete = run.status === "completed" || run.status === "complete";
  const hasFailed =
    Boolean(run.failure_detail || run.failure_category) || recap.some(({ state }) => state === "failed");
  return isComplete && !hasFailed && !isNegative(run.results_json) ? "passed" : "failed";
}

const isNegative = (results: unknown): boolean =>
  isRecord(results) && (results.passed === false || results.success === false || Number(results.failed) > 0);

function linksOf(run: ValidationRun): ArgaSide["links"] {
  const addresses = [run.environment_url, ...(run.surface_urls ?? [])].flatMap((text) =>
    text ? [text] : [],
  );
  return [...new Set(addresses)].flatMap((address, index) => {
    const url = withoutQuery(address);
    return url ? [{ label: index === 0 ? "Environment" : `Page ${index + 1}`, url }] : [];
  });
}

/** The steps that the run itself lists, with the keys that its stream gives them. */
function recapOf(run: ValidationRun): Step[] {
  const reader = new StepReader();
  const summaries = run.step_summaries?.length ? run.step_summaries : listIn(run.results_json);
  return summaries.flatMap((data) => reader.read({ id: undefined, event: undefined, data }).steps);
}

function listIn(results: unknown): unknown[] {
  if (Array.isArray(results)) return results;
  const inner = isRecord(results) ? (results.steps ?? results.results) : undefined;
  return Array.isArray(inner) ? inner : [];
}

async function* follow(arga: ArgaClient, side: ArgaSide, { signal }: Following): AsyncGenerator<Told> {
  const reader = new StepReader();
  const onConnect = (): void => reader.reconnected();
  for await (const event of arga.validationRuns.results(side.id, { signal, onConnect }))
    yield reader.read(event);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names under which a step, its words and its state were seen or are likely to stand. */
const NAMES = ["step", "step_name", "name", "title", "check"];
const NUMBERS = ["step_id", "step_number", "ordinal", "index"];
const WORDS = ["message", "text", "detail", "description", "summary", "reason", "error"];
const STATES = ["status", "state", "result", "outcome", "verdict"];
const QUIET = /^(ping|heartbeat|keep-?alive|connected|open|ready)$/i;
const TURNS =
  /^(done|end|ended|complete|completed|finished|status|state|error|failed|cancell?ed|result|results)$/i;
const FAILED = /fail|error|broken|timed/i;
const DONE = /pass|complete|done|success|succeeded|finish|skip|^ok$|warn/i;

/**
 * Turns the events of one run's stream into steps and notes whose keys stay the same however often the stream is cut
 * and begins anew: by an event's id where there is one, and otherwise by what it says and how often it said so since
 * the connection's beginning.
 */
export class StepReader {
  readonly #ids = new Set<string>();
  readonly #said = new Map<string, number>();
  readonly #open = new Map<string, string>();

  /** A server without ids begins again with the first event. */
  reconnected(): void {
    if (this.#ids.size > 0) return;
    this.#said.clear();
    this.#open.clear();
  }

  read({ id, event = "", data }: ArgaEvent): Told {
    if (id !== undefined && id !== "") {
      if (this.#ids.has(id)) return { steps: [], isTurn: false };
      this.#ids.add(id);
    }
    if (QUIET.test(event) || data === "" || data === "[DONE]")
      return { steps: [], isTurn: data === "[DONE]" };
    const step = isRecord(data) ? this.#step(event, flat(data)) : this.#words(event, data);
    return { steps: step ? [step] : [], isTurn: TURNS.test(event) || (isRecord(data) && step === undefined) };
  }

  #step(event: string, data: Record<string, unknown>): Step | undefined {
    const name = wordIn(data, NAMES);
    const number = wordIn(data, NUMBERS);
    const words = wordIn(data, WORDS);
    const identity = name ?? (number === undefined || words === undefined ? undefined : `#${number}`);
    if (identity === undefined) return words === undefined ? undefined : this.#note(event, words, data);
    const state = stateOf(data, event);
    const at = instantOf(wordIn(data, ["timestamp", "at", "time", "created_at"]));
    return {
      key: this.#keyOf(identity, state),
      text: name ?? words ?? identity,
      state,
      ...(words && words !== name && name !== undefined ? { detail: words } : {}),
      ...(at === undefined ? {} : { at }),
    };
  }

  #words(event: string, data: unknown): Step | undefined {
    const text = typeof data === "string" ? data : event;
    return text.trim() === "" || TURNS.test(text) ? undefined : this.#note(event, text, data);
  }

  #note(event: string, text: string, data: unknown): Step {
    return { key: `n${this.#nth(hash(event + JSON.stringify(data)))}`, text, state: "note" };
  }

  /** A step that goes on keeps its key; the same name after that is the step done once more. */
  #keyOf(identity: string, state: Step["state"]): string {
    const name = hash(identity);
    const key = this.#open.get(name) ?? this.#nth(name);
    if (state === "running") this.#open.set(name, key);
    else this.#open.delete(name);
    return key;
  }

  #nth(name: string): string {
    const n = (this.#said.get(name) ?? 0) + 1;
    this.#said.set(name, n);
    return n === 1 ? name : `${name}.${n}`;
  }
}

/** `{step: {name, status}}` reads like `{name, status}`. */
function flat(data: Record<string, unknown>): Record<string, unknown> {
  const { step, ...rest } = data;
  return isRecord(step) ? { ...rest, ...step } : data;
}

function wordIn(data: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = data[name];
    if (typeof value === "string" && value.trim() !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function stateOf(data: Record<string, unknown>, event: string): "running" | "done" | "failed" {
  const told = data.passed ?? data.success ?? data.ok;
  if (typeof told === "boolean") return told ? "done" : "failed";
  const word = wordIn(data, STATES) ?? event;
  if (FAILED.test(word)) return "failed";
  // A step without any state is one that was made.
  return DONE.test(word) || (wordIn(data, STATES) === undefined && !/start|begin/i.test(event))
    ? "done"
    : "running";
}

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 8);

/** All that Arga keeps of it: its steps, then the logs of those who worked on it. */
async function logs(arga: ArgaClient, side: ArgaSide, signal?: AbortSignal): Promise<LogLine[]> {
  const [run, log] = await Promise.all([
    arga.validationRuns.get(side.id, signal),
    arga.validationRuns.logs(side.id, signal),
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
  return [...steps, ...workerLines(log), ...runtimeLines(log), ...end];
}

const workerLines = ({ worker_logs, warnings }: ValidationLogs): LogLine[] => [
  ...(worker_logs ?? []).flatMap((job) => {
    const source = job.target_role ?? job.job_type ?? "worker";
    const lines = (job.content ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
    return [
      ...lines.map((text) => ({
        source,
        text,
        isError: /\b(error|failed|exception|traceback)\b/i.test(text),
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
      text: [line.event, line.message].filter(Boolean).join(": ") || "(nothing said)",
      isError: /error|critical|fatal/i.test(line.severity ?? ""),
      ...(source ? { source } : {}),
      ...(at === undefined ? {} : { at }),
    };
  });

function offers(run: Run): Offer[] {
  switch (run.phase.name) {
    case "requested":
      return ["cancel"];
    case "creating":
      return [];
    case "starting":
    case "running":
    case "ready":
      return ["logs", "cancel"];
    case "ending":
      return ["logs"];
    case "ended":
      return run.arga ? ["logs", "rerun"] : ["rerun"];
  }
}
