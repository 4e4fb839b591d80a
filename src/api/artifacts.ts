import { ArgaError } from "./errors.ts";
import { isObject } from "./shapes.ts";
import type { Transport } from "./transport.ts";

/** A picture or video of a run, as an answer of Arga's names it. */
export interface Artifact {
  /** Absolute; without query, in which a token could stand. */
  url: string;
  /** What the file is called. */
  name: string;
  /** It stands in, or names, something that failed. */
  isOfFailure: boolean;
  /** The step that it names, by number or by words. */
  step?: string;
}

/** Fields that may hold one, and those that hold its address in an object that is one. */
const NAMED = /screen_?shot|video|recording|artifact|snapshot/i;
const ADDRESSES = ["url", "href", "download_url", "signed_url", "path", "file", "filename", "name"];
const STEP_NAMES = ["step", "step_id", "step_name", "step_number", "step_index", "ordinal"];
const FAILED = /fail|error/i;
/** What can be seen in Slack. */
const SEEN = /\.(?:png|jpe?g|gif|webp|mp4|webm|mov)$/i;
const TYPE = /^(?:image|video)\/(?!svg)/i;

/** How much of an answer is looked through, and how many are taken from it. */
const MOST = { values: 20_000, depth: 8, found: 200, address: 3_000, name: 100 };

/** Of one file, in bytes and ms. */
const FILE = { most: 10 * 1024 * 1024, timeoutMs: 20_000 };

/** Why a file can't be shown. `passing`: another try may do. */
type NotRead = "passing" | "never";

/**
 * Pictures and videos of runs. No source says in which fields they stand, so that they're looked for by name: a field such as
 * `screenshot_url`, or an object with an address under `artifacts` (docs/references/arga-api.md#artifacts).
 */
export class Artifacts {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Those that a run's answer names, in its order. `folder`: the path below which files are that have a name alone. */
  in(answer: unknown, folder: string): Artifact[] {
    const search = new Search((address) => this.#transport.addressOf(address, folder));
    search.look(answer, { isOne: false, isOfFailure: false, depth: 0 });
    return search.found;
  }

  /**
   * Reads a file that is below Arga's own address, and no other: the key goes with the request, and no redirect is followed.
   * Never throws.
   */
  async read(url: string, signal?: AbortSignal): Promise<Uint8Array | NotRead> {
    const timeout = AbortSignal.timeout(FILE.timeoutMs);
    try {
      return await this.#transport.download(url, {
        most: FILE.most,
        isWanted: (type) => TYPE.test(type) || (/octet-stream/i.test(type) && SEEN.test(url)),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      if (!(error instanceof ArgaError)) throw error;
      return error.status === undefined || error.status >= 500 || error.status === 429 ? "passing" : "never";
    }
  }
}

interface About {
  /** It's an artifact, or a list of them. */
  isOne: boolean;
  isOfFailure: boolean;
  step?: string;
  depth: number;
}

/** One way through an answer. */
class Search {
  readonly found: Artifact[] = [];
  readonly #urlOf: (address: string) => string | undefined;
  #left = MOST.values;

  constructor(urlOf: (address: string) => string | undefined) {
    this.#urlOf = urlOf;
  }

  look(value: unknown, about: About): void {
    if (this.#left-- <= 0 || about.depth > MOST.depth) return;
    const below = { ...about, depth: about.depth + 1 };
    if (typeof value === "string" && about.isOne && isAddress(value)) this.#take(value, about);
    if (Array.isArray(value)) for (const item of value) this.look(item, below);
    if (isObject(value)) this.#lookInto(value, insideOf(value, below));
  }

  #lookInto(value: Record<string, unknown>, inside: About): void {
    const address = inside.isOne ? addressIn(value) : undefined;
    if (address !== undefined) this.#take(address, inside);
    else
      for (const [key, each] of Object.entries(value))
        this.look(each, { ...inside, isOne: inside.isOne || NAMED.test(key) });
  }

  #take(address: string, { isOfFailure, step }: About): void {
    const url = this.found.length < MOST.found ? this.#urlOf(address) : undefined;
    if (!url || this.found.some((other) => other.url === url)) return;
    const name = (url.split("/").at(-1) ?? "").slice(-MOST.name);
    this.found.push({ url, name, isOfFailure, ...(step ? { step } : {}) });
  }
}

/** The whole run may have failed: that says nothing of which of its pictures is the one. */
function insideOf(value: Record<string, unknown>, about: About): About {
  const { status, state, type, kind, passed } = value;
  const says = [status, state, type].some((word) => typeof word === "string" && FAILED.test(word));
  const isOne = about.isOne || [type, kind].some((word) => typeof word === "string" && NAMED.test(word));
  const step = STEP_NAMES.map((name) => value[name]).find(
    (each): each is string | number => typeof each === "string" || typeof each === "number",
  );
  return {
    ...about,
    isOne,
    isOfFailure: about.isOfFailure || (about.depth > 1 && (says || passed === false)),
    ...(step === undefined ? {} : { step: String(step).slice(0, 300) }),
  };
}

const addressIn = (value: Record<string, unknown>): string | undefined =>
  ADDRESSES.map((name) => value[name]).find(
    (each): each is string => typeof each === "string" && isAddress(each),
  );

/** An address, a path, or the name of a file that can be seen. */
const isAddress = (text: string): boolean =>
  text.length <= MOST.address && (/^(?:https?:\/)?\//i.test(text) || SEEN.test(text));
