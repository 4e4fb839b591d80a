const TICK_MS = 15;

/** Lets tests wait for a condition instead of for a time. */
export class Watch {
  readonly #listeners = new Set<() => void>();

  /** To be called after every request and every change of state. */
  readonly changed = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };

  /** Calls back after each change. Returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The first truthy answer of the probe, which is asked again after each change and every few milliseconds.
   * @throws Error after `timeoutMs` with what `describe` says; or whatever the probe throws.
   */
  until<T>(probe: () => T | undefined | false | null, timeoutMs: number, describe: () => string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const look = () => {
        try {
          const found = probe();
          if (found) finish(() => resolve(found));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const finish = (settle: () => void) => {
        clearInterval(tick);
        clearTimeout(limit);
        this.#listeners.delete(look);
        settle();
      };
      const tick = setInterval(look, TICK_MS);
      const limit = setTimeout(
        () => finish(() => reject(new Error(`not so after ${timeoutMs} ms\n${describe()}`))),
        timeoutMs,
      );
      this.#listeners.add(look);
      look();
    });
  }
}
