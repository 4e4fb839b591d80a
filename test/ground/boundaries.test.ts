import { dirname, join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { MAY_IMPORT, MUTUAL_PAIRS } from "./boundaries.ts";
import { filesIn, read } from "./files.ts";

/** The structure of the project, held against the table of `boundaries.ts`. Imports of types count like any other. */

const files = ["src", "sim", "test", "bench"].flatMap((folder) =>
  filesIn(folder).filter((path) => path.endsWith(".ts")),
);

/** `import … from "x"`, `export … from "x"`, `import("x")`, and `import "x"`. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(SPECIFIER)].map(([, specifier = ""]) => join(dirname(file), specifier));

const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** The most particular line of the table that a file falls under. */
function roomOf(file: string): string {
  let folder = dirname(file);
  while (!Object.hasOwn(MAY_IMPORT, folder) && folder !== ".") folder = dirname(folder);
  return folder === "." ? "" : folder;
}

describe("who imports whom", () => {
  test("there is something to look at", () => {
    expect(files.length).toBeGreaterThan(300);
    expect([...graph.values()].flat().length).toBeGreaterThan(1_000);
  });

  test("each file imports its own room and those that the table names", () => {
    const refused = [...graph].flatMap(([file, targets]) => {
      const room = roomOf(file);
      const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
      return targets.filter((to) => !allowed.includes(roomOf(to))).map((to) => `${file} imports ${to}`);
    });
    expect(refused).toEqual([]);
  });

  test("the table names no import that nothing makes, and no room that isn't there", () => {
    const made = new Set(
      [...graph].flatMap(([file, targets]) => targets.map((to) => `${roomOf(file)} → ${roomOf(to)}`)),
    );
    const open = new Set(["bench", "test/unit", "test/ground", "test/e2e", "test/sim", "test/api"]);
    const idle = Object.entries(MAY_IMPORT)
      .filter(([room]) => !open.has(room))
      .flatMap(([room, targets]) => targets.map((to) => `${room} → ${to}`))
      .filter((arrow) => !made.has(arrow));
    expect(idle).toEqual([]);
  });

  test("no two folders of src import each other, but for those that the table gives a reason for", () => {
    const arrows = new Set(
      [...graph]
        .filter(([file]) => file.startsWith("src/"))
        .flatMap(([file, targets]) => targets.map((to) => `${dirname(file)} ${dirname(to)}`)),
    );
    const mutual = [...arrows]
      .map((arrow) => arrow.split(" "))
      .filter(([from = "", to = ""]) => from < to && arrows.has(`${to} ${from}`));
    const named = MUTUAL_PAIRS.map(({ folders }) => [...folders].sort());
    expect(mutual.sort()).toEqual(named.sort());
    expect(MUTUAL_PAIRS.length).toBeLessThanOrEqual(3);
    for (const { why } of MUTUAL_PAIRS) expect(why).not.toBe("");
  });

  test("the web role loads none of what works at Arga", () => {
    const loaded = reachable("src/app.ts", (file) => valuesOf(file));
    expect(loaded.size).toBeGreaterThan(50);
    expect([...loaded].filter((file) => file.startsWith("src/jobs/arga/"))).toEqual([]);
  });

  test("what records traces is loaded only when they are asked for", () => {
    const heavy = /^import (?!type\b)[^;]*? from "(?:bullmq-otel|@opentelemetry\/(?!api"))/m;
    expect(read("src/runtime/trace-export.ts")).toMatch(heavy);
    expect([...reachable("src/app.ts", valuesOf)].filter((file) => heavy.test(read(file)))).toEqual([]);
  });

  test("no file imports itself by way of others, types included", () => {
    expect(circles(graph)).toEqual([]);
  });
});

/** What a file loads when it is loaded: neither types nor what it imports later. */
const valuesOf = (file: string): string[] =>
  [...read(file).matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from "(\.{1,2}\/[^"]+)"/gm)].map(
    ([, specifier = ""]) => join(dirname(file), specifier),
  );

function reachable(from: string, next: (file: string) => string[], seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const to of next(from)) reachable(to, next, seen);
  return seen;
}

/** The first circle through each file that is on one. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
