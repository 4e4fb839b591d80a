import { setTimeout as sleep } from "node:timers/promises";
import type { FaultRule } from "./types.ts";

interface Armed {
  rule: FaultRule;
  seen: number;
}

/** What becomes of a call that met a rule, once its waiting is over. */
export type Verdict =
  | { kind: "proceed" }
  | { kind: "lose" }
  | { kind: "garble"; text: string }
  | { kind: "reset" }
  | { kind: "hang" }
  | { kind: "answer"; status: number; error: string; retryAfter?: number };

/** The failures that were asked for. */
export class Faults {
  #armed: Armed[] = [];

  /** @returns a function that takes the rule back */
  add(rule: FaultRule): () => void {
    const armed = { rule, seen: 0 };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((one) => one !== armed);
    };
  }

  clear(): void {
    this.#armed = [];
  }

  /** The first rule that is due for this call. It counts the call, and so do the rules that wait for their turn. */
  take(method: string, channel: readonly (string | undefined)[] = []): FaultRule | undefined {
    const matching = this.#armed.filter(({ rule }) => matches(rule, method, channel));
    const due = matching.filter(({ rule, seen }) => isDue(rule, seen));
    for (const armed of matching) if (armed === due[0] || !due.includes(armed)) armed.seen += 1;
    return due[0]?.rule;
  }
}

function matches(rule: FaultRule, method: string, channel: readonly (string | undefined)[]): boolean {
  if (rule.channel !== undefined && !channel.includes(rule.channel)) return false;
  if (rule.method === undefined) return true;
  return typeof rule.method === "string" ? rule.method === method : method.search(rule.method) >= 0;
}

function isDue({ after = 0, times = Number.POSITIVE_INFINITY }: FaultRule, seen: number): boolean {
  return seen >= after && seen < after + times;
}

/** How the log names what a rule did. */
export function faultOf(rule: FaultRule | undefined): string | undefined {
  return rule && (rule.action ?? "respond");
}

/** Waits as the rule says, and tells what is to be done then; `onWait` is called before a wait. */
export async function meet(rule: FaultRule | undefined, onWait: () => void): Promise<Verdict> {
  if (rule === undefined) return { kind: "proceed" };
  if (rule.delayMs !== undefined || rule.hold !== undefined) onWait();
  if (rule.delayMs !== undefined) await sleep(rule.delayMs, undefined, { ref: false });
  await rule.hold;
  return verdict(rule);
}

function verdict({ action = "respond", error, status, retryAfter, text }: FaultRule): Verdict {
  if (action === "garble") return { kind: action, text: text ?? "" };
  if (action !== "respond") return { kind: action };
  if (error === undefined && status === undefined && retryAfter === undefined) return { kind: "proceed" };
  const limited = status === 429 || (status === undefined && retryAfter !== undefined);
  if (limited)
    return { kind: "answer", status: 429, error: error ?? "ratelimited", retryAfter: retryAfter ?? 1 };
  return { kind: "answer", status: status ?? 200, error: error ?? "internal_error" };
}
