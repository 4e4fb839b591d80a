import {
  type ArrowFunctionExpression,
  type Function as FunctionNode,
  Visitor,
  type VisitorObject,
} from "oxc-parser";
import { linesOf, type SourceFile } from "./source.ts";

export interface FunctionFacts {
  /** As `runs/run.ts:12`. */
  where: string;
  /** Lines that are not blank; undefined for an arrow function that is one expression. */
  lines: number | undefined;
  params: number;
  /** How many `if`, loops, `switch` and `try` stand in one another, not counting inner functions. */
  nesting: number;
}

type AnyFunction = FunctionNode | ArrowFunctionExpression;

const NESTING = [
  "IfStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchStatement",
  "TryStatement",
] as const;

/** Every function, method and arrow function of a file. An inner function's lines count for the outer one too. */
export function functionsOf({ path, code, program }: SourceFile): FunctionFacts[] {
  const facts: FunctionFacts[] = [];
  const open: { depth: number; deepest: number }[] = [];
  const elseIfs = new Set<unknown>();
  const enter = (): void => void open.push({ depth: 0, deepest: 0 });
  const leave = (node: AnyFunction): void => {
    const { deepest = 0 } = open.pop() ?? {};
    if (!node.body) return;
    const isBlock = node.body.type === "BlockStatement";
    facts.push({
      where: `${path}:${code.slice(0, node.start).split("\n").length}`,
      lines: isBlock ? linesOf(code.slice(node.start, node.end)) : undefined,
      params: node.params.length,
      nesting: deepest,
    });
  };
  const deeper = (node: { type: string; alternate?: unknown }): void => {
    const here = open.at(-1);
    if (node.alternate) elseIfs.add(node.alternate);
    if (!here || elseIfs.has(node)) return;
    here.depth += 1;
    here.deepest = Math.max(here.deepest, here.depth);
  };
  const back = (node: unknown): void => {
    const here = open.at(-1);
    if (here && !elseIfs.has(node)) here.depth -= 1;
  };
  const visitor: VisitorObject = {
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
  };
  for (const type of NESTING) Object.assign(visitor, { [type]: deeper, [`${type}:exit`]: back });
  new Visitor(visitor).visit(program);
  return facts;
}

export function countAny({ program }: SourceFile): number {
  let count = 0;
  new Visitor({
    TSAnyKeyword: () => {
      count += 1;
    },
  }).visit(program);
  return count;
}
