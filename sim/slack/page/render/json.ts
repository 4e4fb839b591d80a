/** Careful reads of blocks: the validator has seen them, but a renderer must not fall over what is not there. */
export type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function stringOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function optional(value: unknown): string | undefined {
  return stringOf(value) || undefined;
}

/** The text of a plain_text object. */
export function plainOf(value: unknown): string {
  return stringOf(objectOf(value).text);
}
