import { type FunctionBody, type Node, Visitor } from "oxc-parser";
import type { SourceFile } from "./source.ts";

/** A function of one statement that one place in all of these files uses. */
interface SingleUse {
  /** As `src/runs/run.ts: isEnded`. */
  name: string;
  /** What it does takes no more letters than to call it. */
  isShorterThanCall: boolean;
}

interface Named {
  file: Uses;
  name: string;
  /** What it does, where that is one statement. */
  does: string | undefined;
}

/** How often a file uses each name, its own declarations included, and how it calls it. */
interface Uses {
  path: string;
  imports: Set<string>;
  exports: Set<string>;
  count: Map<string, number>;
  calls: Map<string, string>;
  functions: Omit<Named, "file">[];
}

/** Of all named functions: those that are used once. Names are compared, not scopes, which errs by a few. */
export function singleUses(files: SourceFile[]): { functions: number; found: SingleUse[] } {
  const all = files.map(usesOf);
  const functions = all.flatMap((file) => file.functions.map((each) => ({ file, ...each })));
  const found = functions.flatMap((each) => {
    const places = placesOf(each, all);
    const [call] = places;
    if (places.length !== 1 || each.does === undefined) return [];
    const isShorterThanCall = call !== undefined && each.does.length <= call.length;
    return [{ name: `${each.file.path}: ${each.name}`, isShorterThanCall }];
  });
  return { functions: functions.length, found };
}

/** Where it is used: the call's text, or nothing where it is used without being called. */
function placesOf({ file, name }: Named, all: Uses[]): (string | undefined)[] {
  const takers = all.filter((other) => other !== file && file.exports.has(name) && other.imports.has(name));
  // A declaration names it once, an import twice: as what it is called there and here.
  const counts = [[file, 1] as const, ...takers.map((taker) => [taker, 2] as const)];
  return counts.flatMap(([uses, declared]) =>
    Array.from({ length: (uses.count.get(name) ?? 0) - declared }, () => uses.calls.get(name)),
  );
}

function usesOf({ path, code, program, module }: SourceFile): Uses {
  const text = ({ start, end }: { start: number; end: number }): string => code.slice(start, end);
  const uses: Uses = {
    path,
    imports: new Set(
      module.staticImports.flatMap(({ entries }) => entries.map(({ localName }) => localName.value)),
    ),
    exports: new Set(
      module.staticExports.flatMap(({ entries }) => entries.map(({ localName }) => localName.name ?? "")),
    ),
    count: new Map(),
    calls: new Map(),
    functions: [],
  };
  const used = (name: string): void => void uses.count.set(name, (uses.count.get(name) ?? 0) + 1);
  const named = (name: string, body: FunctionBody | Node | null): void =>
    void uses.functions.push({ name, does: body ? oneStatement(body, text) : undefined });
  new Visitor({
    Identifier: ({ name }) => used(name),
    PrivateIdentifier: ({ name }) => used(`#${name}`),
    CallExpression: (node) => {
      const name = nameOf(node.callee);
      if (name) uses.calls.set(name, text(node));
    },
    FunctionDeclaration: ({ id, body }) => id && named(id.name, body),
    VariableDeclarator: ({ id, init }) => {
      if (id.type === "Identifier" && init?.type === "ArrowFunctionExpression") named(id.name, init.body);
    },
    MethodDefinition: ({ key, value }) => {
      if (key.type === "PrivateIdentifier") named(`#${key.name}`, value.body);
    },
  }).visit(program);
  return uses;
}

function nameOf(callee: Node): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression") return undefined;
  return callee.property.type === "PrivateIdentifier" ? `#${callee.property.name}` : undefined;
}

function oneStatement(body: FunctionBody | Node, text: (node: Node) => string): string | undefined {
  if (body.type !== "BlockStatement") return text(body);
  const [only, another] = body.body;
  return only && !another ? text(only).replace(/^return |;$/g, "") : undefined;
}
