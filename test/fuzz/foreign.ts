import fc from "fast-check";

/** What stands where it must not: other types, nothing, too much of it. */

const deep = (levels: number): unknown => {
  let value: unknown = "?";
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { value };
  return value;
};

const ODD_TEXT = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "<!channel> <@U1> <https://a.example|b>",
  "\u202eabc",
  "__proto__",
  "constructor",
  "../..",
  "{",
  '{"run":1}',
  "[]",
  "null",
  "-1",
  "1e308",
  "run:",
  "run:zzzzzz",
  "T0OTHER",
  "https://169.254.169.254/latest/meta-data",
  "file:///etc/passwd",
  `${"a".repeat(50)}!`.repeat(40),
  "x".repeat(3_001),
  "😀".repeat(20_000),
];

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXT),
  fc.string({ unit: "binary", maxLength: 30 }),
);

const instead: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, true, 0, -1, 1.5, 2 ** 53, [], {}, [null], [[]], { length: 3 }, { value: null }],
      ...[{ toString: "no" }, { id: {} }, Array.from({ length: 300 }, () => "x"), deep(20), deep(2_000)],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.anything({ maxDepth: 3 }).filter((value) => JSON.stringify(value) !== undefined),
  },
);

/** A change somewhere in a value: each number chooses among the keys of a level, so that any payload can be changed by it. */
interface Change {
  where: number[];
  how: "drop" | "replace" | "nest" | "repeat";
  what: unknown;
}

export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    where: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 8 }),
    how: fc.constantFrom(
      "drop" as const,
      "replace" as const,
      "replace" as const,
      "nest" as const,
      "repeat" as const,
    ),
    what: instead,
  }),
  { maxLength: 4 },
);

type Container = Record<string, unknown>;

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** The same with all of the changes made, in a copy. */
export function changed(payload: object, all: readonly Change[]): Container {
  const copy = structuredClone(payload) as Container;
  for (const change of all) alter(copy, change);
  return copy;
}

function alter(value: Container, { where, how, what }: Change): void {
  const [first = 0, ...rest] = where;
  const keys = Object.keys(value);
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return;
  const inner = value[key];
  if (rest.length > 0 && isContainer(inner) && Object.keys(inner).length > 0)
    alter(inner, { where: rest, how, what });
  else if (how === "drop") delete value[key];
  else if (how === "replace") value[key] = what;
  else if (how === "nest") value[key] = { [key]: inner };
  else value[key] = Array.from({ length: 150 }, () => inner);
}
