import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { countAny, type FunctionFacts, functionsOf } from "./marks/functions.ts";
import { circles, importsOf, mutualFolders, unusedExports } from "./marks/imports.ts";
import { singleUses } from "./marks/single-use.ts";
import { commentLines, linesOf, type SourceFile, sourceFiles } from "./marks/source.ts";

/**
 * The marks that the code keeps, measured: how long functions and files are, how they are nested and commented, who
 * imports whom. Ends with 1 if one of them does not hold. See README.md here; `--src DIR` measures another checkout.
 */

const { values } = parseArgs({
  options: {
    src: { type: "string", default: fileURLToPath(new URL("../src", import.meta.url)) },
    list: { type: "boolean", default: false },
  },
});
const folder = resolve(values.src);
const project = dirname(folder);

interface Mark {
  name: string;
  value: number;
  /** Neither: it is shown and not judged. */
  atMost?: number;
  atLeast?: number;
  /** What was counted, or stands out. */
  which?: string[];
}

const marks = measured();
console.log([...table(marks), ...details(marks)].join("\n"));
process.exitCode = marks.every(holds) ? 0 : 1;

function measured(): Mark[] {
  const src = sourceFiles(project, basename(folder));
  const tests = sourceFiles(project, "test");
  const others = ["sim", "bench"].flatMap((name) => sourceFiles(project, name));
  return [...ofFunctions(src), ...ofFiles(src, tests), ...ofImports(src, [...tests, ...others])];
}

function ofFunctions(src: SourceFile[]): Mark[] {
  const all = src.flatMap(functionsOf);
  const lengths = all.flatMap(({ lines }) => lines ?? []);
  const where = (isOut: (facts: FunctionFacts) => boolean): string[] =>
    all.filter(isOut).map((facts) => facts.where);
  const { functions, found } = singleUses(src);
  const shorter = found.filter(({ isShorterThanCall }) => isShorterThanCall).map(({ name }) => name);
  return [
    { name: "function length p50 (lines)", value: quantile(lengths, 0.5), atMost: 10 },
    { name: "function length p90", value: quantile(lengths, 0.9), atMost: 28 },
    {
      name: "function length max",
      value: Math.max(...lengths),
      atMost: 120,
      which: where(({ lines = 0 }) => lines > 120),
    },
    {
      name: "parameters max",
      value: Math.max(...all.map(({ params }) => params)),
      atMost: 4,
      which: where(({ params }) => params > 4),
    },
    {
      name: "nesting max",
      value: Math.max(...all.map(({ nesting }) => nesting)),
      atMost: 3,
      which: where(({ nesting }) => nesting > 3),
    },
    {
      name: "functions used once and shorter than the call",
      value: shorter.length,
      atMost: 0,
      which: shorter,
    },
    { name: "functions used once, of one statement (%)", value: percent(found.length, functions) },
  ];
}

function ofFiles(src: SourceFile[], tests: SourceFile[]): Mark[] {
  const lengths = src.map(({ code }) => code.trimEnd().split("\n").length);
  const [lines, comments] = [sum(src.map(({ code }) => linesOf(code))), sum(src.map(commentLines))];
  const tested = sum(tests.map((file) => linesOf(file.code) - commentLines(file)));
  return [
    { name: "file length p90 (lines)", value: quantile(lengths, 0.9), atMost: 300 },
    {
      name: "file length max",
      value: Math.max(...lengths),
      atMost: 500,
      which: src.filter((_, n) => (lengths[n] ?? 0) > 500).map(({ path }) => path),
    },
    { name: "`any`", value: sum(src.map(countAny)), atMost: 0 },
    { name: "comments (% of lines)", value: percent(comments, lines), atLeast: 10, atMost: 20 },
    { name: "test : src (lines of code)", value: round(tested / (lines - comments)), atLeast: 1.5 },
  ];
}

function ofImports(src: SourceFile[], others: SourceFile[]): Mark[] {
  const imports = importsOf(src);
  const around = circles(imports).map((files) => files.join(", "));
  const mutual = mutualFolders(imports, src);
  const unused = unusedExports(src, [...imports, ...importsOf(others)]);
  return [
    { name: "import circles, types included", value: around.length, atMost: 0, which: around },
    { name: "folders that import each other (pairs)", value: mutual.length, atMost: 3, which: mutual },
    { name: "exports that nobody imports", value: unused.length, atMost: 0, which: unused },
    { name: "exports that only tests import", value: unusedExports(src, imports).length - unused.length },
  ];
}

function holds({ value, atMost, atLeast }: Mark): boolean {
  return value <= (atMost ?? value) && value >= (atLeast ?? value);
}

function table(all: Mark[]): string[] {
  const rows = all.map((mark) => `| ${mark.name} | ${mark.value} | ${wanted(mark)} | ${verdict(mark)} |`);
  return ["| mark | measured | wanted | holds |", "| --- | ---: | ---: | --- |", ...rows];
}

function wanted({ atMost, atLeast }: Mark): string {
  if (atLeast !== undefined && atMost !== undefined) return `${atLeast} to ${atMost}`;
  if (atLeast !== undefined) return `≥ ${atLeast}`;
  return atMost === undefined ? "" : `≤ ${atMost}`;
}

function verdict(mark: Mark): string {
  if (wanted(mark) === "") return "";
  return holds(mark) ? "yes" : "**no**";
}

/** What stands behind the marks that do not hold; with `--list` behind all. */
function details(all: Mark[]): string[] {
  return all
    .filter((mark) => (values.list || !holds(mark)) && mark.which?.length)
    .flatMap(({ name, which = [] }) => ["", `${name}:`, ...which.map((each) => `  ${each}`)]);
}

function quantile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, n) => all + n, 0);
}

function percent(part: number, whole: number): number {
  return round((100 * part) / whole);
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}
