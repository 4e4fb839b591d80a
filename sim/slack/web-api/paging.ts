import { Refusal } from "../refusal.ts";
import type { Json } from "../types.ts";

export interface Page<T> {
  readonly items: T[];
  readonly hasMore: boolean;
  readonly metadata: Json;
}

interface Wanted<T> {
  readonly limit: number;
  readonly cursor: string | undefined;
  /** What identifies an item: the cursor names the first one of the next page. */
  key(item: T): string;
}

/** One page of the items. @throws Refusal `invalid_limit`, `invalid_cursor` */
export function page<T>(items: readonly T[], { limit, cursor, key }: Wanted<T>): Page<T> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new Refusal("invalid_limit");
  const start = cursor ? items.findIndex((item) => key(item) === decode(cursor)) : 0;
  if (start < 0) throw new Refusal("invalid_cursor");
  const next = items[start + limit];
  return {
    items: items.slice(start, start + limit),
    hasMore: next !== undefined,
    metadata: { next_cursor: next === undefined ? "" : encode(key(next)) },
  };
}

function encode(key: string): string {
  return Buffer.from(`next:${key}`).toString("base64");
}

function decode(cursor: string): string {
  return Buffer.from(cursor, "base64").toString().replace("next:", "");
}
