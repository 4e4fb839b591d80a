/** One thing that Slack would refuse, with the JSON pointer of the value that is at fault. */
export interface Problem {
  code: string;
  message: string;
  pointer: string;
}

export type Surface = "message" | "modal" | "home";

/** Where a payload is to be shown, and what was found wrong with it so far. */
export interface Context {
  readonly surface: Surface;
  readonly problems: Problem[];
}

/** Looks at one value of a payload and reports what is wrong with it. */
export type Check = (value: unknown, at: string, context: Context) => void;

export type JsonObject = Record<string, unknown>;

/** A rule over several fields of one object; the object's own fields are checked separately. */
export type Rule = (value: JsonObject, at: string, context: Context) => void;

type Shape = Readonly<Record<string, Check>>;

interface Range {
  min?: number;
  max?: number;
}

export function refuse(context: Context, pointer: string, code: string, message: string): void {
  context.problems.push({ code, message, pointer });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON pointer (RFC 6901) of a field or item below another one. */
export function below(at: string, key: string | number): string {
  return `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A string of `min` (1 unless told) to `max` characters. */
export function string({ min = 1, max = Number.POSITIVE_INFINITY }: Range = {}): Check {
  return (value, at, context) => {
    if (typeof value !== "string") refuse(context, at, "wrong_type", "must provide a string");
    else if (value.length < min) refuse(context, at, "too_short", `must be more than ${min - 1} characters`);
    else if (value.length > max) refuse(context, at, "too_long", `must be less than ${max + 1} characters`);
  };
}

/** A string of the given form; `form` is how the form is told to the person who meets the error. */
export function pattern(expected: RegExp, form: string): Check {
  return (value, at, context) => {
    if (typeof value !== "string") refuse(context, at, "wrong_type", "must provide a string");
    else if (!expected.test(value)) refuse(context, at, "invalid_value", `must be ${form}`);
  };
}

/** A whole number in a closed range. */
export function integer({
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
}: Range = {}): Check {
  return (value, at, context) => {
    if (!Number.isSafeInteger(value)) refuse(context, at, "wrong_type", "must provide an integer");
    else if (Number(value) < min) refuse(context, at, "out_of_range", `must be at least ${min}`);
    else if (Number(value) > max) refuse(context, at, "out_of_range", `must be at most ${max}`);
  };
}

export const number: Check = (value, at, context) => {
  if (typeof value !== "number" || !Number.isFinite(value))
    refuse(context, at, "wrong_type", "must provide a number");
};

export const boolean: Check = (value, at, context) => {
  if (typeof value !== "boolean") refuse(context, at, "wrong_type", "must provide a boolean");
};

/** One of a closed set of values. */
export function oneOf(...allowed: readonly (string | number)[]): Check {
  return (value, at, context) => {
    if (allowed.some((candidate) => candidate === value)) return;
    refuse(context, at, "invalid_value", `must be one of: ${allowed.join(", ")}`);
  };
}

/** An array of `min` (1 unless told) to `max` items, each of which passes `item`. */
export function list(item: Check, { min = 1, max = Number.POSITIVE_INFINITY }: Range = {}): Check {
  return (value, at, context) => {
    if (!Array.isArray(value)) return refuse(context, at, "wrong_type", "must provide an array");
    if (value.length < min) refuse(context, at, "too_few", `no fewer than ${min} items allowed`);
    if (value.length > max) refuse(context, at, "too_many", `no more than ${max} items allowed`);
    for (const [index, entry] of value.entries()) item(entry, below(at, index), context);
  };
}

/** An object with exactly these fields: others are refused, as Slack refuses them. */
export function object(required: Shape, optional: Shape = {}, ...rules: readonly Rule[]): Check {
  const fields = new Map(Object.entries({ ...required, ...optional }));
  return (value, at, context) => {
    if (!isObject(value)) return refuse(context, at, "wrong_type", "must provide an object");
    for (const name of Object.keys(required)) {
      if (value[name] === undefined) refuse(context, at, "missing_field", `missing required field: ${name}`);
    }
    checkFields(value, fields, at, context);
    for (const rule of rules) rule(value, at, context);
  };
}

function checkFields(
  value: JsonObject,
  fields: ReadonlyMap<string, Check>,
  at: string,
  context: Context,
): void {
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const check = fields.get(name);
    if (check) check(entry, below(at, name), context);
    else refuse(context, at, "unknown_field", `invalid additional property: ${name}`);
  }
}

/** An object whose `type` decides which check it has to pass. */
export function byType(table: Readonly<Record<string, Check>>): Check {
  const checks = new Map(Object.entries(table));
  return (value, at, context) => {
    if (!isObject(value)) return refuse(context, at, "wrong_type", "must provide an object");
    if (typeof value.type !== "string")
      return refuse(context, at, "missing_field", "missing required field: type");
    const check = checks.get(value.type);
    if (check) check(value, at, context);
    else refuse(context, below(at, "type"), "unknown_type", `unsupported type: ${value.type}`);
  };
}

/** At least one of the fields is there. */
export function anyOf(...names: readonly string[]): Rule {
  return (value, at, context) => {
    if (names.some((name) => value[name] !== undefined)) return;
    refuse(context, at, "missing_field", `must define at least one of: ${names.join(", ")}`);
  };
}

/** Exactly one of the fields is there. */
export function exactlyOneOf(...names: readonly string[]): Rule {
  return (value, at, context) => {
    const found = names.filter((name) => value[name] !== undefined).length;
    if (found === 0) refuse(context, at, "missing_field", `must define one of: ${names.join(", ")}`);
    if (found > 1) refuse(context, at, "conflicting_fields", `only one of: ${names.join(", ")}`);
  };
}
