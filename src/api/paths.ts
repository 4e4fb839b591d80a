import { isNoRoute, unsendable } from "./failures.ts";
import type { Place } from "./transport.ts";

/**
 * A route with its values filled in, in order; a value is only ever one segment of the path, and never none: `""`,
 * `"."` and `".."` would lead to another route, also when they are encoded.
 * @throws {ArgaUnsendable} that names the value. At once, so callers are async and theirs is a rejection.
 */
export function at(route: string, ...values: string[]): Place {
  const left = [...values];
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) => segment(route, name, left.shift() ?? ""));
  return { route, path };
}

function segment(route: string, name: string, value: string): string {
  // Half a character cannot be encoded.
  if (!/^\.{0,2}$|\p{Surrogate}/u.test(value)) return encodeURIComponent(value);
  throw unsendable(`${JSON.stringify(value.slice(0, 80))} isn't a valid ${name} for ${route}.`, route);
}

export const plain = (route: string): Place => ({ route, path: route });

/**
 * One resource's paths, newest first (docs/references/arga-api.md#path-generations). That a server has no such
 * route certainly had no effect, so even a create may be tried under the next one. Any other 404 is an answer and
 * ends the search: no source says how the 404 of a thing looks on either path, but what is not the router's own
 * was a route's. The path that worked is kept; then only the collection's own lack of a route starts
 * the search again, and an unknown id costs one request.
 */
export class Generations {
  readonly #paths: readonly string[];
  #known: string | undefined;

  constructor(paths: readonly [string, ...string[]]) {
    this.#paths = paths;
  }

  /** For creates and lists. @throws what `ask` throws; if no path has a route, what the newest one threw. */
  collection<T>(ask: (path: string) => Promise<T>): Promise<T> {
    const known = this.#known;
    return this.#try(known ? [known, ...this.#paths.filter((path) => path !== known)] : this.#paths, ask);
  }

  /** For what concerns one thing by its id. @throws as {@link collection}. */
  one<T>(ask: (path: string) => Promise<T>): Promise<T> {
    return this.#try(this.#known ? [this.#known] : this.#paths, ask);
  }

  async #try<T>(paths: readonly string[], ask: (path: string) => Promise<T>): Promise<T> {
    let first: Error | undefined;
    for (const path of paths) {
      try {
        const answer = await ask(path);
        this.#known = path;
        return answer;
      } catch (error) {
        if (!isNoRoute(error)) throw error;
        first ??= error;
      }
    }
    throw first;
  }
}
