import { isObject, parseJson } from "../json.ts";
import { explained, Refusal } from "../refusal.ts";
import type { Json } from "../types.ts";

/** How an argument is read: forms carry everything as text, `json` ones as JSON text. */
type ArgKind = "string" | "number" | "boolean" | "json";

/** What a method says of its arguments. */
export interface ArgsOf {
  readonly args: Readonly<Record<string, ArgKind>>;
  readonly required?: readonly string[];
}

/** What may be sent with every call; Bolt's listener clients add team_id to each. */
const ALWAYS: Readonly<Record<string, ArgKind>> = { token: "string", team_id: "string" };

const BROKEN_JSON: Readonly<Record<string, string>> = {
  blocks: "invalid_blocks_format",
  attachments: "invalid_attachments",
  metadata: "invalid_metadata_format",
};

/** The arguments of one call, each of the kind that the method's entry says. */
export class Args {
  readonly #values: Json;

  constructor(values: Json) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  value(name: string): unknown {
    return this.#values[name];
  }

  all(): Json {
    return this.#values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** A required one; the table made sure that it is there. */
  must(name: string): string {
    return this.text(name) ?? "";
  }

  number(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === "number" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }
}

/**
 * Reads and checks arguments. Slack itself lets most unknown ones pass unseen;
 * here they are refused, so that a misspelt one is found. @throws Refusal
 */
export function readArgs(method: ArgsOf, sent: Json): Args {
  const kinds = { ...ALWAYS, ...method.args };
  const unknown = Object.keys(sent).filter((name) => kinds[name] === undefined);
  const given = Object.entries(sent).filter(([, value]) => value !== null && value !== undefined);
  const missing = (method.required ?? []).filter(
    (name) => !given.some(([key, value]) => key === name && value !== ""),
  );
  if (unknown.length + missing.length > 0)
    throw explained(
      "invalid_arguments",
      ...missing.map((name) => `missing required field: ${name}`),
      ...unknown.map((name) => `unknown argument: ${name}`),
    );
  return new Args(Object.fromEntries(given.map(([name, value]) => [name, read(name, kinds[name], value)])));
}

function read(name: string, kind: ArgKind | undefined, value: unknown): unknown {
  switch (kind) {
    case "json":
      return readJson(name, value);
    case "boolean":
      return readBoolean(name, value);
    case "number":
      return readNumber(name, value);
    default:
      return readText(name, value);
  }
}

function readJson(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = parseJson(value);
  if (parsed !== undefined) return parsed;
  const own = BROKEN_JSON[name];
  throw own === undefined ? explained("invalid_arguments", `${name} is no JSON`) : new Refusal(own);
}

function readBoolean(name: string, value: unknown): boolean {
  if (value === true || value === "true" || value === "1" || value === 1) return true;
  if (value === false || value === "false" || value === "0" || value === 0 || value === "") return false;
  throw explained("invalid_arguments", `${name} must be a boolean`);
}

function readNumber(name: string, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw explained(name === "limit" ? "invalid_limit" : "invalid_arguments", `${name} must be a number`);
}

function readText(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw explained("invalid_arguments", `${name} must be a string`);
}

/** A call as it came in: its arguments unread, its token wherever it was. */
export interface Sent {
  readonly values: Json;
  readonly token: string | undefined;
}

/** An HTTP request to a method. */
export interface Incoming {
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Takes the arguments out of query or body. @throws Refusal for a body that is not what its type says */
export function unpack(incoming: Incoming): Sent {
  const values = { ...Object.fromEntries(incoming.query), ...unpackBody(incoming) };
  const bearer = /^Bearer\s+(?<token>\S+)$/i.exec(incoming.authorization ?? "")?.groups?.token;
  const field = typeof values.token === "string" ? values.token : undefined;
  return { values, token: bearer ?? field };
}

function unpackBody({ verb, contentType, body }: Incoming): Json {
  if (verb === "GET" || body === "") return {};
  const type = contentType.split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(body));
  if (type === "") throw new Refusal("missing_post_type");
  if (type !== "application/json") throw new Refusal("invalid_post_type");
  const json = parseJson(body);
  if (json === undefined) throw new Refusal("invalid_json");
  if (!isObject(json)) throw new Refusal("json_not_object");
  return json;
}
