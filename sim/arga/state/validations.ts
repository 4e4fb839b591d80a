import { randomUUID } from "node:crypto";
import { HTML_ERROR, has, oddEvents, statusWord } from "./oddities.ts";
import { clausesOf, type Outcome, outcomeOf } from "./outcome.ts";
import { type Kind, Runs } from "./runs.ts";
import type { Beat } from "./walks.ts";

export type ValidationStatus =
  | "queued"
  | "generating_story"
  | "running"
  | "completed"
  | "failed"
  | "cancelled";

export interface ValidationSpec {
  /** As `GET /runs/{id}` names it; a PR run is asked for as `pr_run` and shown as `pr`. */
  runType: "url_run" | "pr" | "agent_run";
  /** What it is to look at: an address, or a repository with a branch or a pull request. */
  url?: string | null;
  repo?: string | null;
  branch?: string | null;
  prUrl?: string | null;
  /** For a PR run its context notes. */
  prompt?: string | null;
  twins?: string[];
  sessionId?: string | null;
  mode?: string;
}

/** One event of the result stream, and of `event_log_json`. */
export interface ResultEvent {
  event: string;
  data: unknown;
}

interface StepResult {
  step: string;
  status: "passed" | "failed";
  detail: string;
}

export interface Validation extends Required<ValidationSpec> {
  runId: string;
  status: ValidationStatus;
  events: ResultEvent[];
  /** The parts of the prompt. */
  plan: string[];
  results: StepResult[];
  outcome: Outcome;
  failure: { category: string; detail: string } | null;
  createdAt: number;
}

const blank = {
  url: null,
  repo: null,
  branch: null,
  prUrl: null,
  prompt: null,
  twins: [],
  sessionId: null,
  mode: "standard",
};

const LIVE: ValidationStatus[] = ["queued", "generating_story", "running"];

export function isOver({ status }: Validation): boolean {
  return !LIVE.includes(status);
}

/** All legacy validation runs and the only code that changes them. */
export class Validations extends Runs<Validation> {
  protected readonly kind: Kind<ValidationStatus> = { noun: "Run", live: LIVE, refusal: 400 };

  /** A queued run that makes its own way to its end; PR runs think of a story first. */
  create(spec: ValidationSpec): Validation {
    const words = spec.prompt ?? "";
    const plan = clausesOf(words);
    const run: Validation = {
      ...blank,
      ...spec,
      runId: randomUUID(),
      status: "queued",
      events: [],
      plan: plan.length > 0 ? plan : ["The page loads"],
      results: [],
      outcome: outcomeOf(`${words} ${spec.branch ?? ""}`),
      failure: null,
      createdAt: Date.now(),
    };
    this.all.set(run.runId, run);
    this.#tell(run, "status", { status: run.status });
    this.walks.start(run.runId, this.#beats(run));
    return run;
  }

  /** Walks all the way to success. @throws Refusal 404; 400 when it is over. */
  finish(runId: string): void {
    const run = this.require(runId, "finish");
    run.outcome = { ...run.outcome, passes: true };
    this.walks.finish(runId);
  }

  /** @throws Refusal 404; 400 when it is over. */
  fail(runId: string, detail: string): void {
    const run = this.require(runId, "fail");
    run.failure = { category: "infrastructure", detail };
    this.#end(run, "failed");
  }

  /** @throws Refusal 404; 400 when it is over. */
  cancel(runId: string): void {
    this.#end(this.require(runId, "cancel"), "cancelled");
  }

  #beats(run: Validation): Beat[] {
    const { slowness, hangs } = run.outcome;
    const story = run.runType === "url_run" ? [] : this.#storyActs(run);
    const steps = run.plan.map((words, index) => () => this.#check(run, words, index));
    const odd = has(run.outcome, "odd events") ? [() => this.#tellOddly(run)] : [];
    const acts = [...story, () => this.#move(run, "running"), ...odd, ...steps];
    const after = (this.settings.runSeconds * slowness) / (acts.length + 1);
    const conclude = () => this.#end(run, run.failure ? "failed" : "completed");
    return [...acts.map((act) => ({ after, act })), { after: hangs ? "never" : after, act: conclude }];
  }

  #storyActs(run: Validation): (() => void)[] {
    return [
      () => this.#move(run, "generating_story"),
      () => this.#tell(run, "story", { text: `Reading the changes of ${run.repo ?? "the repository"}…` }),
    ];
  }

  /** The last step is the one that fails. */
  #check(run: Validation, step: string, index: number): void {
    const failed = !run.outcome.passes && index === run.plan.length - 1;
    const status = failed ? "failed" : "passed";
    const detail = failed ? "Not what was expected ✗" : "As expected ✓";
    if (failed) run.failure = { category: "assertion", detail: this.#failureOf(run, step) };
    run.results.push({ step, status, detail });
    this.#tell(run, "step", { index: index + 1, total: run.plan.length, step, status, detail });
  }

  #failureOf(run: Validation, step: string): string {
    return has(run.outcome, "html error") ? HTML_ERROR : `${step}: not what was expected`;
  }

  #move(run: Validation, status: ValidationStatus): void {
    run.status = status;
    this.#tell(run, "status", { status: statusWord(run, this.settings.dialect) });
  }

  #end(run: Validation, status: ValidationStatus): void {
    this.walks.drop(run.runId);
    this.#move(run, status);
  }

  // Names and payloads of the events are not documented.
  #tell(run: Validation, event: string, data: Record<string, unknown>): void {
    run.events.push({ event, data: { run_id: run.runId, timestamp: new Date().toISOString(), ...data } });
    this.changed();
  }

  #tellOddly(run: Validation): void {
    run.events.push(...oddEvents);
    this.changed();
  }
}
