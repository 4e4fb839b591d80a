import { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";

/**
 * Runs in the traced bot, before anything of it. Notes each call while a scenario is measured, when a delivery was
 * answered, and lets nothing that only beats (intervals: leases, sweeps) fall into a scenario.
 */

/** `at` is in ms since the epoch, with fractions; `id` is the number of the function. */
export type Call = [id: number, at: number];

export interface Trace {
  calls: Call[];
  /** When the bot answered POSTs. */
  answeredAt: number[];
}

/** What the harness asks, and what it is answered. */
export type Question = "begin" | "end" | "last";
export type Answer = { type: "begun" } | { type: "trace"; trace: Trace } | { type: "last"; agoMs: number };

declare global {
  var __argaSlackTrace: (id: number) => void;
}

let trace: Trace | undefined;
let last = now();
const held = new Set<() => void>();

globalThis.__argaSlackTrace = (id) => {
  last = now();
  trace?.calls.push([id, last]);
};

const plainInterval = globalThis.setInterval;
const holding = (beat: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): NodeJS.Timeout => {
  const go = (): void => beat(...args);
  return plainInterval(() => (trace ? void held.add(go) : go()), ms);
};
globalThis.setInterval = Object.assign(holding, plainInterval) as typeof setInterval;

const plainEnd = ServerResponse.prototype.end;
ServerResponse.prototype.end = function (this: ServerResponse, ...args: never[]) {
  if (this.req.method === "POST") trace?.answeredAt.push(now());
  return plainEnd.apply(this, args as unknown as Parameters<typeof plainEnd>);
} as typeof plainEnd;

process.on("message", (question: Question) => process.send?.(answerTo(question)));

function answerTo(question: Question): Answer {
  if (question === "last") return { type: "last", agoMs: now() - last };
  const ended = trace;
  trace = question === "begin" ? { calls: [], answeredAt: [] } : undefined;
  if (!ended) return { type: "begun" };
  for (const beat of held) setImmediate(beat);
  held.clear();
  return { type: "trace", trace: ended };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
