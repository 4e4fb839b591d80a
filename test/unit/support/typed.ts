import { readLine, UsageError, words } from "../../../src/kinds/grammar.ts";
import { allKinds } from "../../../src/kinds/index.ts";
import { linksIn } from "../../../src/kinds/markup.ts";

/** Typed commands that start runs, read as the dispatcher reads them. */

export const commands = allKinds.flatMap((kind) => kind.commands.map((command) => ({ ...command, kind })));
export const grammars = [...new Set(commands.map(({ grammar }) => grammar))];

export interface Taken {
  kind: string;
  spec: unknown;
}

/** What becomes of a command: the first kind that takes the line has it. Throws {@link UsageError}. */
export function parse(command: string, limits = { maxTtlMinutes: 480 }): Taken {
  const [name, ...rest] = words(command.replace(/^\/arga /, ""));
  const fitting = commands.filter(({ grammar }) => grammar.name === name);
  for (const { grammar, kind, parse: read } of fitting) {
    const spec = read({ ...readLine(rest, grammar), links: linksIn(command) }, limits);
    if (spec !== undefined) return { kind: kind.kind, spec };
  }
  throw new Error(`no kind takes "${command}"`);
}

/** Why a command is refused; undefined: it is not. */
export function refusalOf(command: string): UsageError | undefined {
  try {
    parse(command);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** Why a command is refused. */
export function refusal(command: string): UsageError {
  const error = refusalOf(command);
  if (!error) throw new Error(`"${command}" was accepted`);
  return error;
}

export const nameOf = (command: string): string => command.replace(/^\/arga /, "").split(" ")[0] ?? "";

/** Whether it is a command that starts a run. */
export const isStart = (command: string): boolean => grammars.some(({ name }) => name === nameOf(command));
