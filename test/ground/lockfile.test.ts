import { expect, test } from "vitest";
import { read } from "./files.ts";

interface Package {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

// `npm ci` refuses a lockfile without them, and npm leaves out those that a registry did not have when it was written.
test("the lockfile has every package that another one names, those of other systems too", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Package> };
  const present = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  const named = Object.values(packages).flatMap(({ dependencies, optionalDependencies }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }),
  );
  expect([...new Set(named)].filter((name) => !present.has(name))).toEqual([]);
});
