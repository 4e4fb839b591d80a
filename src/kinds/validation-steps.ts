import { createHash } from "node:crypto";
import type { ArgaEvent } from "../api/events.ts";
import type { Step } from "../runs/run.ts";
import type { StreamUpdate } from "./kind.ts";
import { instantOf } from "./targets.ts";

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names under which a step, its words and its state were seen or are likely to stand; `step` may be its number. */
const NAMES = ["step", "step_name", "name", "title", "check"];
const NUMBERS = ["step", "step_id", "step_number", "ordinal", "index"];
const WORDS = ["message", "text", "detail", "description", "summary", "reason", "error"];
const STATES = ["status", "state"];
/** May hold a state, or what was found. */
const FINDINGS = ["result", "outcome", "verdict"];
const QUIET = /^(ping|heartbeat|keep-?alive|connected|open|ready)$/i;
const TURNS =
  /^(done|end|ended|complete|completed|finished|status|state|error|failed|cancell?ed|result|results)$/i;
const FAILED = /fail|error|broken|timed|time[_-]?out|incomplete|unsuccess|^not[ _-](?:pass|ok)/i;
const DONE = /pass|complete|done|success|succeeded|finish|skip|^ok$|warn/i;
const NOT_YET = /^(pending|queued|waiting|scheduled|not[ _-]?started|to[ _-]?do)$/i;

/**
 * Turns the events of one run's stream into steps and notes whose keys stay the same however often the stream is cut
 * and begins anew: by an event's id where there is one, and otherwise by what it says and how often it said so since
 * the connection's beginning.
 */
export class StepReader {
  readonly #ids = new Set<string>();
  readonly #said = new Map<string, number>();
  readonly #open = new Map<string, string>();

  /** A server without ids begins again with the first event. */
  reconnected(): void {
    if (this.#ids.size > 0) return;
    this.#said.clear();
    this.#open.clear();
  }

  read({ id, event = "", data }: ArgaEvent): StreamUpdate {
    if (id !== undefined && id !== "") {
      if (this.#ids.has(id)) return { steps: [], isTurn: false };
      this.#ids.add(id);
    }
    const type = typeOf(event, data);
    if (QUIET.test(type) || data === "" || data === "[DONE]") return { steps: [], isTurn: data === "[DONE]" };
    if (!isRecord(data)) return { steps: this.#words(event, data), isTurn: TURNS.test(type) };
    const step = flat(data);
    if (isNamed(step) && NOT_YET.test(stateWord(step) ?? "")) return { steps: [], isTurn: false };
    const steps = this.#step(type, step);
    return { steps, isTurn: TURNS.test(type) || (steps.length === 0 && stateWord(data) !== undefined) };
  }

  #step(type: string, data: Record<string, unknown>): Step[] {
    const { name, number, words } = wordsOf(data);
    const identity = name ?? (number === undefined ? undefined : `#${number}`);
    if (identity === undefined) return words === undefined ? [] : [this.#note(words)];
    const state = stateOf(data, type);
    const at = instantOf(textIn(data, ["timestamp", "at", "time", "created_at"]));
    return [
      {
        key: this.#keyOf(identity, state),
        text: name ?? words ?? `Step ${number}`,
        state,
        ...(words && words !== name && name !== undefined ? { detail: words } : {}),
        ...(at === undefined ? {} : { at }),
      },
    ];
  }

  #words(event: string, data: unknown): Step[] {
    const text = typeof data === "string" ? data : event;
    return text.trim() === "" || TURNS.test(text) ? [] : [this.#note(text)];
  }

  /** The same words are the same note, from whatever source. */
  #note(text: string): Step {
    return { key: `n${this.#nth(hash(text))}`, text, state: "note" };
  }

  /** A step that goes on keeps its key; the same name after that is the step done once more. */
  #keyOf(identity: string, state: Step["state"]): string {
    const name = hash(identity);
    const key = this.#open.get(name) ?? this.#nth(name);
    if (state === "running") this.#open.set(name, key);
    else this.#open.delete(name);
    return key;
  }

  #nth(name: string): string {
    const n = (this.#said.get(name) ?? 0) + 1;
    this.#said.set(name, n);
    return n === 1 ? name : `${name}.${n}`;
  }
}

/** `{step: {name, status}}` reads like `{name, status}`. */
function flat(data: Record<string, unknown>): Record<string, unknown> {
  const { step, ...rest } = data;
  return isRecord(step) ? { ...rest, ...step } : data;
}

/** What kind of event it is: many servers say so inside of it alone. */
function typeOf(event: string, data: unknown): string {
  const inner =
    isRecord(data) && (event === "" || event === "message") ? textIn(data, ["type", "event"]) : undefined;
  return inner ?? event;
}

/** What a step is called, or its number. A number alone is a step's only where its name stands or with a state. */
function wordsOf(data: Record<string, unknown>): { name?: string; number?: string; words?: string } {
  const name = textIn(data, NAMES, (text) => !isNumber(text));
  const number = NUMBERS.map((key) => String(data[key] ?? "")).find(isNumber) ?? textIn(data, ["step_id"]);
  const words = textIn(data, WORDS);
  const isStep = words !== undefined || isNumber(String(data.step ?? "")) || stateWord(data) !== undefined;
  return {
    ...(name === undefined ? {} : { name }),
    ...(number === undefined || !isStep ? {} : { number }),
    ...(words === undefined ? {} : { words }),
  };
}

const isNamed = (data: Record<string, unknown>): boolean => {
  const { name, number } = wordsOf(data);
  return name !== undefined || number !== undefined;
};

const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text.trim());

/** The first of these that holds text. */
function textIn(
  data: Record<string, unknown>,
  names: readonly string[],
  isRight: (text: string) => boolean = () => true,
): string | undefined {
  const values = names.map((name) => data[name]);
  return values.find(
    (value): value is string => typeof value === "string" && value.trim() !== "" && isRight(value),
  );
}

const stateWord = (data: Record<string, unknown>): string | undefined =>
  textIn(data, STATES, isShort) ??
  textIn(data, FINDINGS, (text) => isShort(text) && (FAILED.test(text) || DONE.test(text)));

/** A state is a word or two; what is longer is a sentence. */
const isShort = (text: string): boolean => /^(?!no )[a-z]+(?:[ _-][a-z]+)?$/i.test(text.trim());

/** Whether that is the state of anything. */
export const saysFailed = (data: Record<string, unknown>): boolean => FAILED.test(stateWord(data) ?? "");

function stateOf(data: Record<string, unknown>, type: string): "running" | "done" | "failed" {
  const told = data.passed ?? data.success ?? data.ok;
  if (typeof told === "boolean") return told ? "done" : "failed";
  const own = stateWord(data);
  // `error_page` is what a check is about, `check_error` what became of it.
  const word = own ?? type.split(/[.:_\s-]/).at(-1) ?? "";
  if (FAILED.test(word)) return "failed";
  // A step without any state is one that was made.
  const isMade = own === undefined && !/start|begin|running|progress/i.test(word);
  return DONE.test(word) || isMade ? "done" : "running";
}

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 8);
