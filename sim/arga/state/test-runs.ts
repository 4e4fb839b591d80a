import { randomUUID } from "node:crypto";
import { HTML_ERROR, has } from "./oddities.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { type Kind, Runs } from "./runs.ts";
import { readStep, recordedConfig, type TestConfig } from "./test-config.ts";
import type { Beat } from "./walks.ts";

export type TestStatus = "queued" | "running" | "complete" | "completed" | "failed" | "cancelled";

export interface TestRunSpec {
  prompt: string;
  startUrl: string | null;
  sandboxId?: string | null;
  /** Replayed; without one the run records its own. */
  testConfig?: TestConfig | null;
  sourceRunId?: string | null;
  /** What else the caller said (twins, repo, …): kept for tests to look at, shown nowhere. */
  origin?: Record<string, unknown>;
}

export interface RunEvent {
  timestamp: string;
  type: string;
  message: string;
}

export interface TestRun extends Required<TestRunSpec> {
  id: string;
  status: TestStatus;
  /** Arga's values are not known; ours are these two. */
  mode: "record" | "replay";
  events: RunEvent[];
  steps: { words: string; asks: boolean }[];
  stepsDone: number;
  outcome: Outcome;
  errorMessage: string | null;
  createdAt: number;
  updatedAt: number;
}

/** All test runs and the only code that changes them. That the refusal is a 409 is our guess. */
export class TestRuns extends Runs<TestRun> {
  protected readonly kind: Kind<TestStatus> = { noun: "Run", live: ["queued", "running"], refusal: 409 };

  /** A queued run that makes its own way to its end. */
  create(spec: TestRunSpec): TestRun {
    const now = Date.now();
    const config = spec.testConfig ?? null;
    const run: TestRun = {
      ...{ sandboxId: null, sourceRunId: null, origin: {} },
      ...spec,
      testConfig: config,
      id: randomUUID(),
      status: "queued",
      mode: config ? "replay" : "record",
      events: [],
      steps: (config ?? recordedConfig(spec.prompt, spec.startUrl)).steps.map(readStep),
      stepsDone: 0,
      outcome: outcomeOf(spec.prompt),
      errorMessage: null,
      createdAt: now,
      updatedAt: now,
    };
    this.all.set(run.id, run);
    this.walks.start(run.id, this.#beats(run));
    this.changed();
    return run;
  }

  /** A word of the person to the running agent. @throws Refusal 404; 409 unless running, which is our guess. */
  message(id: string, text: string): TestRun {
    const run = this.require(id, "send a message to", ["running"]);
    this.#note(run, "user", text);
    if (this.walks.waitsForAnswer(id)) this.walks.step(id);
    return run;
  }

  /** @throws Refusal 404 */
  configure(id: string, config: TestConfig): TestRun {
    const run = this.get(id);
    run.testConfig = config;
    this.#touch(run);
    return run;
  }

  /** Walks all the way to success. @throws Refusal 404; 409 when it is over. */
  finish(id: string): void {
    const run = this.require(id, "finish");
    run.outcome = { ...run.outcome, passes: true };
    this.walks.finish(id);
  }

  /** @throws Refusal 404; 409 when it is over. */
  fail(id: string, error: string): void {
    this.#failWith(this.require(id, "fail"), error);
  }

  /** No route of Arga's does this; the web app may. @throws Refusal 404; 409 when it is over. */
  cancel(id: string): void {
    const run = this.require(id, "cancel");
    this.#note(run, "status", "Run cancelled");
    this.#end(run, "cancelled");
  }

  #beats(run: TestRun): Beat[] {
    const { slowness, hangs, asks } = run.outcome;
    const seconds = this.settings.runSeconds * slowness;
    const pause = (seconds * 7) / 8 / (run.steps.length + 1);
    const steps = run.steps.flatMap((step, index) => this.#stepBeats(run, { index, pause, ...step }));
    return [
      { after: seconds / 8, act: () => this.#begin(run) },
      ...steps,
      ...(asks ? this.#askBeats(run, pause) : []),
      { after: hangs ? "never" : pause, act: () => this.#conclude(run) },
    ];
  }

  #stepBeats(run: TestRun, step: { index: number; pause: number; words: string; asks: boolean }): Beat[] {
    const message = `Step ${step.index + 1}/${run.steps.length}: ${step.words}`;
    const act = () => {
      run.stepsDone += 1;
      this.#note(run, "step", message);
    };
    return [{ after: step.pause, act }, ...(step.asks ? this.#askBeats(run, step.pause) : [])];
  }

  // How Arga shows that it waits for the user is not known: here the status stays `running`.
  #askBeats(run: TestRun, pause: number): Beat[] {
    return [
      { after: pause, act: () => this.#note(run, "question", "How should I go on?") },
      { after: "answer", act: () => this.#note(run, "status", "Going on") },
    ];
  }

  #begin(run: TestRun): void {
    run.status = "running";
    this.#note(run, "status", "Run started");
  }

  #conclude(run: TestRun): void {
    if (!run.outcome.passes) {
      const sentence = `Step ${run.stepsDone} did not do what was expected`;
      this.#failWith(run, has(run.outcome, "html error") ? HTML_ERROR : sentence);
      return;
    }
    run.testConfig ??= recordedConfig(run.prompt, run.startUrl);
    this.#note(run, "status", "Run complete");
    this.#end(run, this.settings.dialect.testSuccess);
  }

  #failWith(run: TestRun, error: string): void {
    run.errorMessage = error;
    this.#note(run, "error", error);
    this.#end(run, "failed");
  }

  #end(run: TestRun, status: TestStatus): void {
    run.status = status;
    this.walks.drop(run.id);
    this.#touch(run);
  }

  // The values of `type` are not known for test runs.
  #note(run: TestRun, type: string, message: string): void {
    run.events.push({ timestamp: new Date().toISOString(), type, message });
    this.#touch(run);
  }

  #touch(run: TestRun): void {
    run.updatedAt = Date.now();
    this.changed();
  }
}
