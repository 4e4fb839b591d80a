import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", "coverage", ".git"]);

/** A file of the repository, by its path from the root. */
export const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export const at = (path: string): string => join(ROOT, path);

/** Every file of the repository below a folder, by its path from the root. */
export function filesIn(folder = ""): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

/** What the first group of a pattern finds in a text, once each, in order. */
export const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, group = ""]) => group)),
];

/** All of `src/` as one text. */
export const source = (): string => filesIn("src").map(read).join("\n");

/** A Markdown page without its blocks of code. */
export const prose = (page: string): string => read(page).replaceAll(/^ *```[\s\S]*?^ *```/gm, "");

/** The anchors that the headings of a Markdown page get on the usual code hosts. */
export const anchorsOf = (page: string): string[] =>
  found(prose(page), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-"),
  );
