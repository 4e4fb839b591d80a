import { z } from "zod";

/**
 * Shapes that Arga's answers are read with. What a caller cannot do without is required; anything else that is
 * odd counts as absent, because a field of the wrong type must not hide a run from the person who waits for it.
 */

/** A string, null or absent. */
export const text = z.string().nullish().catch(undefined);
export const flag = z.boolean().nullish().catch(undefined);
export const count = z.number().nullish().catch(undefined);

/** Whatever it is, handed on as it came. */
export const anything = z.unknown().optional();

/** Ids are opaque; no source shows a number, but one would do. */
export const id = z.union([z.string().min(1), z.number().transform(String)]);

/** Strings out of a list; anything else in it is left out. */
export const texts = z
  .array(z.unknown())
  .transform((items) => items.filter((item) => typeof item === "string"))
  .nullish()
  .catch(undefined);

/** An object whose keys and values are somebody else's: handed on as it is. */
export const freeForm = z
  .custom<Record<string, unknown>>((value) => isObject(value))
  .nullish()
  .catch(undefined);

/** Environment variables by name. The docs say that values are strings; what is not is written as JSON. */
export const variables = z
  .record(
    z.string(),
    z
      .unknown()
      .transform((value) =>
        typeof value === "string" ? value : value === null ? "" : JSON.stringify(value),
      ),
  )
  .nullish()
  .catch(undefined);

/** The items of a list that can be read; the others are left out. */
const listOf = <T>(item: z.ZodType<T>): z.ZodType<T[]> =>
  z.array(z.unknown()).transform((items) =>
    items.flatMap((each) => {
      const read = item.safeParse(each);
      return read.success ? [read.data] : [];
    }),
  );

/** The values of an object by their names, as far as they can be read: a twin that is odd hides no other. */
export const recordOf = <T>(item: z.ZodType<T>): z.ZodType<Record<string, T> | null | undefined> =>
  freeForm.transform((values) => {
    if (!values) return values;
    const entries = Object.entries(values).map(([name, value]) => [name, item.safeParse(value)] as const);
    return Object.fromEntries(
      entries.flatMap(([name, { data }]) => (data === undefined ? [] : [[name, data]])),
    );
  });

/** A list that may be absent, null, or written as a JSON string, as the `_json` fields could be. */
export const jsonListOf = <T>(item: z.ZodType<T>): z.ZodType<T[] | null | undefined> =>
  z.preprocess(fromJson, listOf(item).nullish()).catch(undefined);

/** A bare list, or one under `key`: Arga's lists come in both forms. */
export const listUnder = <T>(key: string, item: z.ZodType<T>): z.ZodType<T[]> =>
  z.preprocess((value) => (isObject(value) ? value[key] : value), listOf(item));

/** Puts what stands under any of `names` under the first one: Arga's sources do not agree on the name of an id. */
export const renamed =
  (...names: [string, ...string[]]) =>
  (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const found = names.map((name) => value[name]).find((each) => each !== undefined && each !== null);
    return { ...value, [names[0]]: found };
  };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fromJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
