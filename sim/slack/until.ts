import type { Log } from "./log.ts";
import type { LogEntry } from "./types.ts";

type Falsy = undefined | false | null;

/** Not everything that a probe looks at is in the log (a timer of the bot, say), hence the tick besides it. */
const TICK_MS = 20;

export interface Waiting<T> {
  probe(): T | Falsy;
  /** How the condition is named when it is waited for in vain. */
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * Waits until `probe` gives something, asking it again after each log entry and each tick.
 * Rejects after `timeoutMs` with the condition's name and the last log entries; what the probe throws is passed on.
 */
export function until<T>(log: Log, { probe, name, timeoutMs }: Waiting<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearInterval(tick);
      clearTimeout(limit);
      unlisten();
      end();
    };
    const look = () => {
      try {
        const found = probe();
        if (found !== undefined && found !== false && found !== null) settle(() => resolve(found));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const tick = setInterval(look, TICK_MS);
    const limit = setTimeout(() => settle(() => reject(new Error(inVain(log, name, timeoutMs)))), timeoutMs);
    const unlisten = log.listen(look);
    look();
  });
}

function inVain(log: Log, name: string, timeoutMs: number): string {
  const last = log.entries.slice(-10).map(line).join("\n") || "(nothing)";
  return `waited ${timeoutMs} ms in vain for ${name}\nthe last that happened:\n${last}`;
}

function line(entry: LogEntry): string {
  const { at, kind, method, ok, error, status } = entry;
  const outcome = ok ? "ok" : [error, status].filter((part) => part !== undefined).join(" ");
  return `  ${new Date(at).toISOString()} ${kind} ${method}: ${outcome}`;
}
