import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { type SourceFile, sourceFiles } from "./marks/source.ts";

/**
 * Whether the tests notice: StrykerJS changes the code in many small ways, and the tests that need no built bot should
 * fail for each. There are too many such mutants to try all, so some declarations of each folder are drawn, by a seed
 * that is printed. Ends with 1 below the threshold. See README.md here.
 */

const FOLDERS = ["runs", "kinds", "notices", "views", "slack", "store", "delivery", "jobs", "handlers"];
const THRESHOLD = 85;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 100_000) },
    /** Lines drawn from each folder; a line makes about one mutant. */
    lines: { type: "string", default: "22" },
    /** Folders or files, as `views,jobs/arga`. */
    only: { type: "string", default: FOLDERS.join() },
    /** Folders of tests, as `test/unit/views`: fewer tests judge sooner, and find less. */
    tests: { type: "string", default: "test/unit,test/api" },
    concurrency: { type: "string", default: "2" },
    /** Also what is evaluated when a file is loaded: each mutant of that loads all of them anew, and takes as long as a hundred. */
    static: { type: "boolean", default: false },
    /** Changes nothing, and lists what no test runs, of all lines. */
    unreached: { type: "boolean", default: false },
  },
});

const folders = values.only.split(",");

type Mutants = Awaited<ReturnType<Stryker["runMutationTest"]>>;

/** Declarations of a folder, as StrykerJS takes them (`file:first line-last line`), in about so many lines. */
function draw(folder: string, lines: number, random: () => number): string[] {
  const all = sourceFiles(".", "src")
    .filter(({ path }) => `${path}/`.startsWith(`src/${folder}/`) || path === `src/${folder}`)
    .flatMap(declarations)
    .filter(({ isConstant }) => values.static || !isConstant);
  let left = values.unreached ? Number.POSITIVE_INFINITY : lines;
  return shuffled(all, random)
    .filter(({ first, last }) => {
      const isDrawn = left > 0;
      if (isDrawn) left -= last - first + 1;
      return isDrawn;
    })
    .map(({ path, first, last }) => `${path}:${first}-${last}`);
}

interface Declaration {
  path: string;
  first: number;
  last: number;
  isConstant: boolean;
}

/** What stands at the top of a file, and of its classes, but for types and imports: they make no mutants. */
function declarations({ path, code, program }: SourceFile): Declaration[] {
  const lineAt = (offset: number): number => code.slice(0, offset).split("\n").length;
  const nodes = program.body.flatMap((node): { start: number; end: number; type: string }[] => {
    const inner = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    if (!inner || /^(Import|Export|TS)/.test(inner.type)) return [];
    return inner.type === "ClassDeclaration" ? inner.body.body : [inner];
  });
  return nodes.map((node) => ({
    path,
    first: lineAt(node.start),
    last: lineAt(node.end),
    isConstant: isConstant(node),
  }));
}

/** Evaluated when its file is loaded, such as a table of words. */
function isConstant(node: { type: string; declarations?: { init: { type: string } | null }[] }): boolean {
  const made = node.declarations?.map(({ init }) => init?.type ?? "");
  return made?.every((type) => !/Function/.test(type)) ?? false;
}

async function tried(mutate: string[]): Promise<Mutants> {
  const options: ConstructorParameters<typeof Stryker>[0] = {
    mutate,
    testRunner: "vitest",
    vitest: { configFile: "bench/mutate/vitest.config.ts", pool: "forks" },
    coverageAnalysis: "perTest",
    concurrency: Number(values.concurrency),
    dryRunTimeoutMinutes: 15,
    ignoreStatic: !values.static,
    // What hangs is killed; a busy machine is no mutant.
    timeoutMS: 30_000,
    // It would be rewritten by an API that TypeScript 7 doesn't have; nothing that runs here reads it.
    tsconfigFile: "none",
    ignorePatterns: ["/dist", "/reports"],
    plugins: ["@stryker-mutator/*", fileURLToPath(new URL("mutate/unreached.ts", import.meta.url))],
    reporters: [values.unreached ? "unreached" : "progress"],
    cleanTempDir: "always",
  };
  return await new Stryker(options).runMutationTest();
}

/** A mutant that goes on for ever is noticed too; on a busy machine so may be one that doesn't. */
const KILLED: readonly string[] = ["Killed", "Timeout"];
const MISSED: readonly string[] = ["Survived", "NoCoverage"];

const count = (all: Mutants, statuses: readonly string[]): number =>
  all.filter(({ status }) => statuses.includes(status)).length;

/** In percent; what doesn't even load, or was left out, says nothing about the tests. */
function scoreOf(all: Mutants): number {
  const [killed, missed] = [count(all, KILLED), count(all, MISSED)];
  return killed + missed === 0 ? 100 : (100 * killed) / (killed + missed);
}

const survivors = (all: Mutants): string[] =>
  all
    .filter(({ status }) => MISSED.includes(status))
    .map(({ fileName, location: { start }, status, mutatorName, replacement = "" }) => {
      const place = `${fileName.replace(/^.*?(?=src\/)/, "")}:${start.line}:${start.column}`;
      return `${status}  ${place}  ${mutatorName}: ${replacement.replace(/\s+/g, " ").slice(0, 100)}`;
    });

const COLUMNS: [string, readonly string[]][] = [
  ["killed", ["Killed"]],
  ["endless", ["Timeout"]],
  ["survived", ["Survived"]],
  ["unreached", ["NoCoverage"]],
];

function table(all: Mutants): string[] {
  const row = (name: string, some: Mutants): string =>
    [
      name.padEnd(12),
      ...[some.length, ...COLUMNS.map(([, statuses]) => count(some, statuses))].map((n) =>
        String(n).padStart(10),
      ),
      `${scoreOf(some).toFixed(0)} %`.padStart(10),
    ].join("");
  const head = ["made", ...COLUMNS.map(([name]) => name), "score"].map((word) => word.padStart(10)).join("");
  return [
    `${"folder".padEnd(12)}${head}`,
    ...folders.map((folder) =>
      row(
        folder,
        all.filter(({ fileName }) => fileName.includes(`src/${folder}`)),
      ),
    ),
    row("all", all),
  ];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
process.env.MUTATE_TESTS = values.tests;
const random = randomOf(Number(values.seed));
const drawn = folders.flatMap((folder) => draw(folder, Number(values.lines), random));
console.log(`Seed ${values.seed}: ${drawn.length} declarations`);
const mutants = await tried(drawn);
console.log([...survivors(mutants), "", ...table(mutants)].join("\n"));
process.exitCode = scoreOf(mutants) >= THRESHOLD ? 0 : 1;
