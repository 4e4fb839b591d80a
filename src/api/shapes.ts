import * as z from "zod";

/**
 * Shapes that Arga's answers are read with. What a caller cannot do without is required; anything else that is
 * odd counts as absent, because a field of the wrong type must not hide a run from the person who waits for it.
 * Each has a length: words for people are cut there, what means something only as a whole is absent when it's longer.
 */

/** Words for people, cut at a length that no reader gets to. */
const words = (most: number) => z.string().transform(cutAt(most)).nullish().catch(undefined);

/** What would mean something else if it were cut. */
const whole = (most: number) => z.string().max(most).nullish().catch(undefined);

/** Never ends in half a character. */
const cutAt =
  (most: number) =>
  (text: string): string =>
    text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, "");

/** A sentence or some, a line of a log. */
export const text = words(5_000);
/** What a thing is called. */
export const label = words(200);
/** A prompt: Arga takes 20,000 characters. */
export const prompt = words(20_000);
/** All that a worker wrote. */
export const content = words(1_000_000);
/** A kind, a time, a branch, an id that nobody depends on. */
export const word = whole(300);
/** No browser takes a longer one. */
export const address = whole(3_000);
export const secret = whole(32_000);
export const flag = z.boolean().nullish().catch(undefined);
export const count = z.number().nullish().catch(undefined);

/** A word that may be new to this code: a longer one is none of those it knows. */
export const status = z.string().transform(cutAt(100));

/** What a thing is asked for by; a thing without one, or with an endless one, can't be. */
export const name = z.string().min(1).max(100);

/** Whatever it is, handed on as it came, to be looked at and not kept: the answer's own size bounds it. */
export const anything = z.unknown().optional();

/** Ids are opaque; no source shows a number, but one would do. */
export const id = z.union([z.string().min(1).max(200), z.number().transform(String)]);

/** The most that is read of a list, of a log, of names in an object, and of words in a list. */
const MOST = { items: 10_000, lines: 20_000, names: 500, texts: 100 };

/** Strings out of a list; anything else in it is left out. */
export const texts = z
  .array(z.unknown())
  .transform((items) =>
    items
      .filter((item): item is string => typeof item === "string" && item.length <= 5_000)
      .slice(0, MOST.texts),
  )
  .nullish()
  .catch(undefined);

const object = z
  .custom<Record<string, unknown>>((value) => isObject(value))
  .nullish()
  .catch(undefined);

/** An object whose keys and values are somebody else's: handed on as it is, unless it has more than a million characters. */
export const freeForm = object.transform((value) =>
  value && (written(value)?.length ?? Infinity) > 1_000_000 ? undefined : value,
);

/** The values of an object by their names, as far as they can be read: a twin that is odd hides no other. */
export const recordOf = <T>(item: z.ZodType<T>): z.ZodType<Record<string, T> | null | undefined> =>
  object.transform((values) => {
    if (!values) return values;
    const named = Object.entries(values).filter(([key]) => key.length <= 200);
    return Object.fromEntries(
      named.slice(0, MOST.names).flatMap(([key, value]) => {
        const { data } = item.safeParse(value);
        return data === undefined ? [] : [[key, data]];
      }),
    );
  });

/** Environment variables by name. The docs say that values are strings; what is not is written as JSON. */
export const variables = recordOf(
  z
    .unknown()
    .transform((value) => (typeof value === "string" ? value : value === null ? "" : written(value)))
    .pipe(z.string().max(32_000)),
).catch(undefined);

/** The items of a list that can be read; the others are left out. `of` says which are looked at. */
const listOf = <T>(item: z.ZodType<T>, of: (items: unknown[]) => unknown[]): z.ZodType<T[]> =>
  z.array(z.unknown()).transform((items) =>
    of(items).flatMap((each) => {
      const read = item.safeParse(each);
      return read.success ? [read.data] : [];
    }),
  );

/** A log's newest lines; the list may be absent, null, or written as a JSON string, as the `_json` fields could be. */
export const jsonListOf = <T>(item: z.ZodType<T>): z.ZodType<T[] | null | undefined> =>
  z.preprocess(fromJson, listOf(item, (lines) => lines.slice(-MOST.lines)).nullish()).catch(undefined);

/** A bare list, or one under `key`: Arga's lists come in both forms. */
export const listUnder = <T>(key: string, item: z.ZodType<T>): z.ZodType<T[]> =>
  z.preprocess(
    (value) => (isObject(value) ? value[key] : value),
    listOf(item, (items) => items.slice(0, MOST.items)),
  );

/** Puts what stands under any of `names` under the first one: Arga's sources do not agree on the name of an id. */
export const renamed =
  (...names: [string, ...string[]]) =>
  (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const found = names.map((name) => value[name]).find((each) => each !== undefined && each !== null);
    return { ...value, [names[0]]: found };
  };

/** Under `whole`, the answer as it came: for what stands in it under names that no source has. */
export const withWhole = (value: unknown): unknown => (isObject(value) ? { ...value, whole: value } : value);

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

/** As JSON; undefined where that can't be: some nest deeper than it can be written. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
