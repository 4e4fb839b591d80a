import type { TestEvent, TestRun } from "../api/test-runs.ts";
import { logOf } from "../api/test-steps.ts";
import type { Outcome, Step } from "../runs/run.ts";
import { instantOf } from "./targets.ts";

/**
 * What a test run did, out of its log. The types of its events aren't documented, so they are told apart by the
 * words that are likely to stand in them (docs/references/arga-api.md#the-test-run).
 */
const CHATTER = /^(status|debug|trace|heartbeat|ping|keepalive|log|info)$/i;
const BEGINS = /start|begin|running/i;
const FAILS = /fail|error/i;
const CLOSES =
  /(?<!in)complete|done|finish|pass(?:ed|es)?(?![a-z])|success|(?<![a-z])end(?:s|ed)?(?![a-z])|fail|error/i;

const isStep = (type: string): boolean => /^step/i.test(type);
const isChatter = (type: string): boolean => CHATTER.test(type);
const isClosing = (type: string): boolean => CLOSES.test(type) && !BEGINS.test(type);

export const isFailureType = (type: string | null | undefined): boolean => FAILS.test(type ?? "");

/**
 * The run's steps, with what else was said between them. A step is over when the next one begins, when an event says
 * so, or with the run, unless that was cancelled. In a log without any event named after steps, each that is not
 * chatter counts as one.
 */
export function stepsIn(run: TestRun, end: Outcome | undefined): Step[] {
  const log = logOf(run);
  const hasSteps = log.some(({ type }) => isStep(type ?? ""));
  const story = new StepLog();
  for (const [index, event] of log.entries()) {
    const type = event.type ?? "";
    if (hasSteps ? isStep(type) : !isChatter(type)) story.step(event, index);
    else if (!isChatter(type) && event.message && event.message !== run.error_message)
      story.note(event, index);
  }
  if (end && end !== "cancelled")
    story.close(end === "passed" ? "done" : "failed", instantOf(run.updated_at));
  return story.steps;
}

class StepLog {
  readonly steps: Step[] = [];
  #open: Step | undefined;

  step({ timestamp, type, message }: TestEvent, index: number): void {
    const at = instantOf(timestamp);
    const word = type ?? "";
    const state = FAILS.test(word) ? "failed" : "done";
    const isOfOpen = this.#open && (isStep(word) || !message || message === this.#open.text);
    if (isClosing(word) && isOfOpen) {
      this.close(state, at, message);
      return;
    }
    this.close("done", at);
    this.#open = this.#put({ key: String(index), text: message || word || "step", state: "running" }, at);
    if (isClosing(word) && isStep(word)) this.close(state, undefined);
  }

  note({ timestamp, message }: TestEvent, index: number): void {
    this.#put({ key: String(index), text: message ?? "", state: "note" }, instantOf(timestamp));
  }

  close(state: "done" | "failed", at: number | undefined, message?: string | null): void {
    const open = this.#open;
    if (!open) return;
    open.state = state;
    if (message && message !== open.text) open.detail = message;
    if (at !== undefined && open.at !== undefined && at > open.at) open.tookMs = at - open.at;
    this.#open = undefined;
  }

  #put(step: Step, at: number | undefined): Step {
    const dated = { ...step, ...(at === undefined ? {} : { at }) };
    this.steps.push(dated);
    return dated;
  }
}
