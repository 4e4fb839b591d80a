import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { type Comment, type EcmaScriptModule, type Program, parseSync } from "oxc-parser";

export interface SourceFile {
  /** From the project's folder on, as `src/runs/run.ts`. */
  path: string;
  code: string;
  program: Program;
  module: EcmaScriptModule;
  comments: Comment[];
}

/** All TypeScript under a folder of the project, parsed; none where there is no such folder. @throws Error for a file that cannot be read so */
export function sourceFiles(project: string, folder: string): SourceFile[] {
  const dir = join(project, folder);
  if (!existsSync(dir)) return [];
  const paths = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  return paths.sort().map((path) => {
    const code = readFileSync(join(dir, path), "utf8");
    const { program, module, comments, errors } = parseSync(path, code);
    if (errors[0]) throw new Error(`${join(dir, path)}: ${errors[0].message}`);
    return { path: join(folder, path).split(sep).join("/"), code, program, module, comments };
  });
}

/** Lines that are not blank. */
export const linesOf = (code: string): number => code.split("\n").filter((line) => line.trim()).length;

/** Lines that hold a comment and nothing before it. */
export function commentLines({ code, comments }: SourceFile): number {
  const startsLine = ({ start }: Comment): boolean =>
    code.slice(code.lastIndexOf("\n", start - 1) + 1, start).trim() === "";
  const texts = comments.filter(startsLine).map(({ start, end }) => code.slice(start, end));
  return linesOf(texts.join("\n"));
}
