import type { LogEntry } from "./types.ts";

/** The ordered record of all that happened, for assertions; listeners hear of each entry as it is written. */
export class Log {
  readonly entries: LogEntry[] = [];
  readonly #listeners = new Set<() => void>();

  write(entry: Omit<LogEntry, "at">): void {
    this.entries.push({ at: Date.now(), ...entry });
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each entry, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
