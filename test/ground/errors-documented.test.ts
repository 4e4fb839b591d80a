import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PAGE = at("docs/errors.md");

const sources = readdirSync(at("src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(at(`src/${file}`), "utf8"));
const codes = sources.flatMap((source) =>
  [...source.matchAll(/readonly code = "(\w+)"/g)].map(([, code]) => code ?? ""),
);
const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
const headings = page.split("\n").filter((line) => /^#+ /.test(line));

test("docs/errors.md is there", () => expect(existsSync(PAGE)).toBe(true));

test("every error of the code was found", () => {
  const declared = sources.flatMap((source) => source.match(/^ {2}(?:abstract )?readonly code\b/gm) ?? []);
  // The one without a value is the abstract class that they all extend.
  expect(codes.length).toBe(declared.length - 1);
  expect(codes.length).toBeGreaterThan(15);
});

test("no two errors have the same code", () => expect(new Set(codes).size).toBe(codes.length));

describe("an error of the code has one heading of its own", () => {
  test.each(codes)("%s", (code) => {
    expect(headings.filter((line) => new RegExp(`\\b${code}\\b`).test(line))).toHaveLength(1);
  });
});

test("no error is documented that the code does not have any more", () => {
  const documented = headings.flatMap((line) => line.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []);
  expect(documented.filter((word) => !codes.includes(word))).toEqual([]);
});

test("the built bot calls each by its own name", () => {
  const names = sources.flatMap((source) =>
    [...source.matchAll(/^(?:export )?class (\w+) extends \w+ \{\n(?: .*\n|\n)*? {2}readonly code/gm)].map(
      ([, name]) => name ?? "",
    ),
  );
  const built = readdirSync(at("dist"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => readFileSync(at(`dist/${file}`), "utf8"))
    .join("\n");
  expect(names.length).toBeGreaterThan(15);
  // Of two with one name the bundler would call the second otherwise, in the log as well.
  const isKept = (name: string) =>
    new RegExp(`\\bclass ${name} extends|\\b${name}=class(?: ${name})? extends`).test(built);
  expect(names.filter((name) => !isKept(name))).toEqual([]);
});
