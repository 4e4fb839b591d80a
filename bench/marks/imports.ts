import { posix } from "node:path";
import { Visitor } from "oxc-parser";
import type { SourceFile } from "./source.ts";

/** One file that names another, for its types alone as well. `names`: what it takes; `*` is all. */
interface Import {
  from: string;
  to: string;
  names: string[];
}

/** What these files import, each other or anything else. */
export function importsOf(files: SourceFile[]): Import[] {
  return files.flatMap((file) =>
    [...statements(file), ...inlineTypes(file)].map((each) => resolved(file, each)),
  );
}

const resolved = ({ path }: SourceFile, [request, names]: [string, string[]]): Import => ({
  from: path,
  to: request.startsWith(".") ? posix.join(posix.dirname(path), request) : request,
  names,
});

function statements({ code, module }: SourceFile): [string, string[]][] {
  const imports = module.staticImports.map(({ moduleRequest, entries }): [string, string[]] => [
    moduleRequest.value,
    entries.map(({ importName }) => (importName.kind === "Name" ? (importName.name ?? "*") : "*")),
  ]);
  const reexports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, importName }): [string, string[]][] =>
      moduleRequest ? [[moduleRequest.value, [importName.name ?? "*"]]] : [],
    );
  const dynamic = module.dynamicImports.map(({ moduleRequest }): [string, string[]] => [
    code.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    ["*"],
  ]);
  return [...imports, ...reexports, ...dynamic];
}

/** `import("./x.ts").Y` where a type stands. */
function inlineTypes({ program }: SourceFile): [string, string[]][] {
  const found: [string, string[]][] = [];
  new Visitor({ TSImportType: ({ source }) => void found.push([source.value, ["*"]]) }).visit(program);
  return found;
}

/** Groups of files that reach one another by imports, whichever of them one begins with. */
export function circles(imports: Import[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of imports) next.set(from, (next.get(from) ?? new Set()).add(to));
  const reached = new Map([...next.keys()].map((path) => [path, reach(path, next)] as const));
  const found = new Map<string, string[]>();
  for (const [path, there] of reached) {
    if (!there.has(path)) continue;
    const circle = [...there].filter((other) => reached.get(other)?.has(path)).sort();
    found.set(circle.join(), circle);
  }
  return [...found.values()];
}

function reach(path: string, next: Map<string, Set<string>>): Set<string> {
  const there = new Set<string>();
  const left = [...(next.get(path) ?? [])];
  for (let to = left.pop(); to !== undefined; to = left.pop()) {
    if (there.has(to)) continue;
    there.add(to);
    left.push(...(next.get(to) ?? []));
  }
  return there;
}

/** Pairs of folders whose files import each other's, as `src/jobs ↔ src/jobs/slack`. */
export function mutualFolders(imports: Import[], files: SourceFile[]): string[] {
  const own = new Set(files.map(({ path }) => path));
  const edges = new Set(
    imports
      .filter(({ to }) => own.has(to))
      .map(({ from, to }) => `${posix.dirname(from)} ${posix.dirname(to)}`),
  );
  return [...edges]
    .map((edge) => edge.split(" "))
    .filter(([a = "", b = ""]) => a < b && edges.has(`${b} ${a}`))
    .map((pair) => pair.join(" ↔ "))
    .sort();
}

/** As `src/runs/run.ts: Run`: exported, and taken by none of these imports. */
export function unusedExports(files: SourceFile[], imports: Import[]): string[] {
  const used = new Set(imports.flatMap(({ to, names }) => names.map((name) => `${to}: ${name}`)));
  return files.flatMap(({ path, module }) =>
    module.staticExports
      .flatMap(({ entries }) => entries)
      .map(({ exportName }) => `${path}: ${exportName.name ?? "default"}`)
      .filter((name) => !used.has(name) && !used.has(`${path}: *`)),
  );
}
