import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Node, parseSync, Visitor } from "oxc-parser";

/** A function of the traced build. `file` is relative to `dist`, as `runs/run.js`. */
export interface TracedFunction {
  file: string;
  name: string;
  line: number;
}

/** Where a call is noted, in the traced process. The preload defines it. */
const TRACE = "__argaSlackTrace";

/** Copies a build to `to` and makes each of its functions say so when it is called. Answers them by their number. */
export function instrument(dist: string, to: string): TracedFunction[] {
  const functions: TracedFunction[] = [];
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, "package.json"), '{ "type": "module" }');
  symlinkSync(modulesOf(dist), join(to, "node_modules"));
  for (const path of filesIn(dist)) {
    const target = join(to, "dist", path);
    mkdirSync(dirname(target), { recursive: true });
    if (!path.endsWith(".js")) cpSync(join(dist, path), target);
    else writeFileSync(target, traced(path, readFileSync(join(dist, path), "utf8"), functions));
  }
  return functions;
}

/** The dependencies that the build was made with, or else ours. */
function modulesOf(dist: string): string {
  for (let dir = resolve(dist); ; dir = dirname(dir)) {
    const found = join(dir, "node_modules");
    if (existsSync(join(found, "bullmq"))) return found;
    if (dir === dirname(dir)) return fileURLToPath(new URL("../../node_modules", import.meta.url));
  }
}

const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes("node_modules"))
    .map((path) => path.split(sep).join("/"))
    .sort();

interface Insertion {
  at: number;
  text: string;
}

function traced(file: string, code: string, functions: TracedFunction[]): string {
  const insertions: Insertion[] = [];
  const names = new Map<number, string>();
  const note = (node: { start: number }, body: { type: string; start: number; end: number } | null): void => {
    if (!body) return;
    const call = `${TRACE}(${functions.length})`;
    const line = code.slice(0, node.start).split("\n").length;
    functions.push({ file, line, name: names.get(node.start) ?? "(anonymous)" });
    if (body.type === "BlockStatement") insertions.push({ at: body.start + 1, text: `${call};` });
    else insertions.push({ at: body.start, text: `(${call}, ` }, { at: body.end, text: ")" });
  };
  const named = (value: Node | null, name: string): void => {
    if (value) names.set(value.start, name);
  };
  const visitor = new Visitor({
    VariableDeclarator: ({ id, init }) => named(init, code.slice(id.start, id.end)),
    Property: ({ key, value }) => named(value, code.slice(key.start, key.end)),
    PropertyDefinition: ({ key, value }) => named(value, code.slice(key.start, key.end)),
    MethodDefinition: ({ key, value }) => named(value, code.slice(key.start, key.end)),
    FunctionDeclaration: (node) => {
      if (node.id) names.set(node.start, node.id.name);
      note(node, node.body);
    },
    FunctionExpression: (node) => note(node, node.body),
    ArrowFunctionExpression: (node) => note(node, node.body),
  });
  const { program, errors } = parseSync(file, code);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  visitor.visit(program);
  return withInsertions(code, insertions);
}

/** Those at one place stay in their order: what is opened first is outside, what is closed first is inside. */
function withInsertions(code: string, insertions: Insertion[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { at, text } of inOrder(insertions)) {
    parts.push(code.slice(from, at), text);
    from = at;
  }
  return parts.join("") + code.slice(from);
}

const inOrder = (insertions: Insertion[]): Insertion[] => insertions.sort((a, b) => a.at - b.at);
