import type { TracedFunction } from "./instrument.ts";
import type { Call } from "./preload.ts";

/** What one path costs. */
export interface Figures {
  /** It is the beginning of the path in another row. */
  isPart: boolean;
  /** Different functions, and how often any of them was called. */
  functions: number;
  calls: number;
  files: number;
  folders: number;
  /** How often the path comes back to a folder that it had left. */
  reentries: number;
  /** How often the card is drawn, if the build has a function of that name. */
  cards: number;
  /** By name, with how often: functions, and from which folder to which. */
  called: Counts;
  moves: Counts;
  redis: Counts;
  arga: Counts;
  slack: Counts;
}

export type Counts = Record<string, number>;

/** `depth`: how many folders of a file's path count; `src/app.ts` and its like are the folder `.`. */
export function pathFigures(
  calls: Call[],
  functions: TracedFunction[],
  depth: number,
): Omit<Figures, "isPart" | "redis" | "arga" | "slack"> {
  const path = calls.flatMap(([id]) => functions[id] ?? []);
  const folders = path.map(({ file }) => folderOf(file, depth));
  return {
    functions: new Set(path).size,
    calls: path.length,
    files: new Set(path.map(({ file }) => file)).size,
    folders: new Set(folders).size,
    reentries: reentriesOf(folders),
    called: countsOf(path.map(({ file, name, line }) => `${file}:${line} ${name}`)),
    moves: countsOf(movesOf(folders)),
    cards: path.filter(({ file, name }) => file.startsWith("views/") && CARD.test(name)).length,
  };
}

const CARD = /^(card|cardOf|drawCard|renderCard|runCard|cardView|cardContent)$/;

function folderOf(file: string, depth: number): string {
  return file.split("/").slice(0, -1).slice(0, depth).join("/") || ".";
}

function reentriesOf(folders: string[]): number {
  const known = new Set<string>();
  let here: string | undefined;
  let count = 0;
  for (const folder of folders) {
    if (folder === here) continue;
    if (known.has(folder)) count += 1;
    known.add(folder);
    here = folder;
  }
  return count;
}

function movesOf(folders: string[]): string[] {
  return folders.flatMap((folder, n) => {
    const before = folders[n - 1];
    return before === undefined || before === folder ? [] : `${before} → ${folder}`;
  });
}

export function countsOf(names: string[]): Counts {
  const counts: Counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a, n], [b, m]) => m - n || a.localeCompare(b)));
}

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

/** Each figure's median, so that a row may be of no single time that it was measured. */
export const medianOf = (all: Figures[]): Figures => combined(all, median);

export const sumOf = (all: Figures[]): Figures =>
  combined(all, (numbers) => numbers.reduce((sum, n) => sum + n, 0));

function combined(all: Figures[], combine: (numbers: number[]) => number): Figures {
  const one = (pick: (figures: Figures) => number): number => combine(all.map(pick));
  const counts = (pick: (figures: Figures) => Counts): Counts => {
    const names = new Set(all.flatMap((figures) => Object.keys(pick(figures))));
    const entries = [...names].map((name) => [name, one((figures) => pick(figures)[name] ?? 0)] as const);
    return Object.fromEntries(entries.filter(([, n]) => n > 0).sort(([, n], [, m]) => m - n));
  };
  return {
    isPart: all[0]?.isPart ?? false,
    functions: one((figures) => figures.functions),
    calls: one((figures) => figures.calls),
    files: one((figures) => figures.files),
    folders: one((figures) => figures.folders),
    reentries: one((figures) => figures.reentries),
    cards: one((figures) => figures.cards),
    called: counts((figures) => figures.called),
    moves: counts((figures) => figures.moves),
    redis: counts((figures) => figures.redis),
    arga: counts((figures) => figures.arga),
    slack: counts((figures) => figures.slack),
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
