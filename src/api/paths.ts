import { ArgaNotFound } from "./errors.ts";
import type { Place } from "./transport.ts";

/** A route with its one value filled in; a value is only ever one segment of the path. */
export const at = (route: string, id: string): Place => ({
  route,
  // By a function: `$&` in a text would be a pattern.
  path: route.replace("{id}", () => encodeURIComponent(id)),
});

export const plain = (route: string): Place => ({ route, path: route });

/**
 * The generations of one resource's path, newest first (facts/arga-api.md, section 5). A 404 certainly had no
 * effect, so even a create may be tried under the next one. The path that worked is kept; then only the
 * collection's own 404 starts the search again, and an unknown id costs one request.
 */
export class Generations {
  readonly #paths: readonly string[];
  #known: string | undefined;

  constructor(paths: readonly [string, ...string[]]) {
    this.#paths = paths;
  }

  /** For creates and lists. @throws what `ask` throws; of several 404, the first. */
  collection<T>(ask: (path: string) => Promise<T>): Promise<T> {
    const known = this.#known;
    return this.#try(known ? [known, ...this.#paths.filter((path) => path !== known)] : this.#paths, ask);
  }

  /** For what concerns one thing by its id. @throws as {@link collection}. */
  one<T>(ask: (path: string) => Promise<T>): Promise<T> {
    return this.#try(this.#known ? [this.#known] : this.#paths, ask);
  }

  async #try<T>(paths: readonly string[], ask: (path: string) => Promise<T>): Promise<T> {
    let first: ArgaNotFound | undefined;
    for (const path of paths) {
      try {
        const answer = await ask(path);
        this.#known = path;
        return answer;
      } catch (error) {
        if (!(error instanceof ArgaNotFound)) throw error;
        first ??= error;
      }
    }
    throw first;
  }
}
