import type { Dialect } from "../dialect.ts";
import type { Oddity, Outcome } from "./outcome.ts";

// What a run may show that no source describes, so that clients can be tried with it.

/** A proxy's page where one expects a sentence, with markup that means something elsewhere. */
export const HTML_ERROR =
  "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>" +
  '<script>alert("x")</script><a href="https://evil.example/">*click* &amp; _win_</a> <!channel> <@U00000001>' +
  "</body></html>";

/** Events whose names or payloads are nothing that one could know. */
export const oddEvents: { event: string; data: unknown }[] = [
  { event: "telemetry.v2", data: { nested: { list: [1, [2, { three: null }]] }, at: 1.5e300 } },
  { event: "step", data: "just text" },
  { event: "step", data: [1, 2, 3] },
  { event: "step", data: { index: "two", total: null, step: { words: [] } } },
  { event: "status", data: null },
  { event: "status", data: { status: 7 } },
  { event: "message", data: {} },
];

/** The same for the list that a test run has. */
export const oddTestEvents: unknown[] = [
  ...["just text", null, 42, ["a", "list"], {}],
  { timestamp: "yesterday", type: 7, message: { text: "an object" } },
  { type: "screenshot", url: "https://artifacts.example/1.png" },
];

interface Shown {
  status: string;
  outcome?: Outcome;
}

/** The status as callers see it: in the dialect's spelling, or a word that nobody knows. */
export function statusWord({ status, outcome }: Shown, dialect: Required<Dialect>): string {
  if (status === "cancelled") return dialect.cancelled;
  if (status === "running" && has(outcome, "odd status")) return "awaiting_review";
  if (/^completed?$/.test(status) && has(outcome, "odd end")) return "superseded";
  return status;
}

const HUGE_ITEMS = 5_000;
const FILLER = "lorem ipsum ".repeat(86);

/** The list, or one of over 5 MB that begins with it, or an empty one. */
export function oddly<T extends object>(outcome: Outcome, list: T[], textField: keyof T & string): T[] {
  if (has(outcome, "empty results")) return [];
  const last = list.at(-1);
  if (!last || !has(outcome, "huge results")) return list;
  const filler = { ...last, [textField]: FILLER };
  return [...list, ...Array.from({ length: HUGE_ITEMS }, () => filler)];
}

export function has(outcome: Outcome | undefined, oddity: Oddity): boolean {
  return outcome?.oddities.includes(oddity) ?? false;
}
