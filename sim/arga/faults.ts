import { STATUS_CODES } from "node:http";
import type { Reply } from "./router.ts";
import type { StreamFault } from "./stream.ts";

export interface FaultRule {
  /**
   * Which requests: `"POST /twin-runs/{run_id}/extend"` (any name in the braces) or with a concrete path.
   * A pattern is tried on both forms. Default: all.
   */
  route?: string | RegExp;
  /** How many requests it strikes. Default: all. */
  times?: number;
  /** How many matching requests it lets pass first. Default 0. */
  after?: number;
  /** Wall-clock milliseconds to wait before going on. */
  delayMs?: number;
  /** Waited for before going on, after `delayMs`. */
  hold?: Promise<void>;
  /** Answer with this instead of carrying the request out. */
  status?: number;
  /** Default: `{detail}` with the status's usual text. A string is sent as plain text. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Seconds, as a `Retry-After` header. Arga documents none; proxies in front of it may send it. */
  retryAfter?: number;
  /**
   * `reset` cuts the connection before anything is done; `lose` carries the request out, then cuts it;
   * `hang` never answers and does nothing; `respond` is what `status` means anyway.
   */
  action?: "respond" | "reset" | "lose" | "hang";
  /** Carry the request out before the rest of the rule: for a timeout or a 504 that hides a success. */
  applyFirst?: boolean;
  /** What happens to a streamed answer. An answer that is no stream is left as it is. */
  stream?: StreamFault;
}

interface Armed {
  rule: FaultRule;
  seen: number;
  struck: number;
}

/** The rules in force. The oldest one that still has a strike left wins. */
export class Faults {
  #armed: Armed[] = [];

  /**
   * Returns what removes the rule again.
   * @throws RangeError when the rule contradicts itself.
   */
  add(rule: FaultRule): () => void {
    requireSense(rule);
    const armed = { rule, seen: 0, struck: 0 };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  /** Returns how many rules there were. */
  clear(): number {
    return this.#armed.splice(0).length;
  }

  /** The rules with their counters, in a form for people. */
  list(): Record<string, unknown>[] {
    return this.#armed.map(({ rule, seen, struck }) => ({
      ...rule,
      ...(rule.route !== undefined && { route: String(rule.route) }),
      ...(rule.hold && { hold: true }),
      seen,
      struck,
    }));
  }

  /** The rule that strikes this request. Every rule that matches counts it, for its `after`. */
  strike(route: string, request: string): FaultRule | undefined {
    const matching = this.#armed.filter(({ rule }) => matches(rule.route, route, request));
    for (const armed of matching) armed.seen += 1;
    const striking = matching.find(
      ({ rule, seen, struck }) =>
        seen > (rule.after ?? 0) && struck < (rule.times ?? Number.POSITIVE_INFINITY),
    );
    if (striking) striking.struck += 1;
    return striking?.rule;
  }
}

/** What a rule with a status answers. */
export function faultReply(rule: FaultRule, status: number): Reply {
  const headers = { ...rule.headers };
  if (rule.retryAfter !== undefined) headers["retry-after"] = String(rule.retryAfter);
  return { status, body: rule.body ?? { detail: STATUS_CODES[status] ?? `HTTP ${status}` }, headers };
}

function matches(wanted: string | RegExp | undefined, route: string, request: string): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === "string") return [unnamed(route), request].includes(unnamed(wanted));
  // A regular expression with the g flag remembers where it stopped; search() does not.
  return route.search(wanted) >= 0 || request.search(wanted) >= 0;
}

function unnamed(route: string): string {
  return route.replaceAll(/\{\w+\}/g, "{}");
}

function requireSense({ action, status, body, retryAfter, stream }: FaultRule): void {
  if (stream && (status !== undefined || action !== undefined))
    throw new RangeError("a fault of a stream lets the request through: no status, no action");
  if (status === undefined) {
    if (action === "respond") throw new RangeError("a fault that responds needs a status");
    if (body !== undefined || retryAfter !== undefined) throw new RangeError("an answer needs a status");
    return;
  }
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError("status is 200 to 599");
  if (action !== undefined && action !== "respond")
    throw new RangeError(`${action} answers nothing: no status`);
}
