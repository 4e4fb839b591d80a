import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The process ids below this one, its children's children too; none where the system has no /proc. */
export function descendantsOf(pid: number): number[] {
  if (!existsSync("/proc/self/stat")) return [];
  const parents = new Map(readdirSync("/proc").flatMap((name) => entryOf(name)));
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}

/** Process and parent; nothing for what is no process, or is gone by now. */
function entryOf(name: string): [number, number][] {
  if (!/^\d+$/.test(name)) return [];
  try {
    // The name of the program, which may have blanks, ends with the last bracket.
    const [, parent] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return [[Number(name), Number(parent)]];
  } catch {
    return [];
  }
}

/** What of them still runs, by its command line. */
export const stillRunning = (pids: readonly number[]): string[] =>
  pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [command];
    } catch {
      return [];
    }
  });
