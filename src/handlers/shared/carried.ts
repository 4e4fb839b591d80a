import type { z } from "zod";

/**
 * What a button or a view of ours carries, as we put it there; undefined if it isn't that: an older version wrote it, or
 * someone made it up.
 */
export function carriedIn<T>(shape: z.ZodType<T>, text: string): T | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
