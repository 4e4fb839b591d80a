import { type Counts, type Figures, sumOf, total } from "./figures.ts";

/** One row of the table, and the times that it is the median of. */
export interface Row {
  name: string;
  figures: Figures;
  each: Figures[];
}

const COLUMNS: Record<string, (figures: Figures) => number> = {
  functions: ({ functions }) => functions,
  calls: ({ calls }) => calls,
  files: ({ files }) => files,
  folders: ({ folders }) => folders,
  "re-entries": ({ reentries }) => reentries,
  Redis: ({ redis }) => total(redis),
  Arga: ({ arga }) => total(arga),
  Slack: ({ slack }) => total(slack),
  "cards drawn": ({ cards }) => cards,
};

interface TableOptions {
  /** The rows of another build: each cell then says what it was and what it is. */
  before: Row[];
  /** How many of the functions and of the ways between folders that are taken most stand below the table. */
  most: number;
}

/** As Markdown, with what the commands and requests are. */
export function tableOf(rows: Row[], { before, most }: TableOptions): string {
  const heads = Object.keys(COLUMNS);
  const same = before.filter(({ name }) => rows.some((row) => row.name === name));
  return [
    `| | ${heads.join(" | ")} |`,
    `| --- |${" ---: |".repeat(heads.length)}`,
    ...withSum(rows).map((row) => line(row, withSum(same))),
    ...rows.flatMap(({ name, figures }) => [`\n${name}:`, ...details(figures, most)]),
  ].join("\n");
}

/** What is cut from another row is in that one already. */
function withSum(rows: Row[]): Row[] {
  if (rows.length === 0) return rows;
  const whole = rows.filter(({ figures }) => !figures.isPart).map(({ figures }) => figures);
  return [...rows, { name: "**all together**", figures: sumOf(whole), each: [] }];
}

function line({ name, figures, each }: Row, before: Row[]): string {
  const old = before.find((row) => row.name === name)?.figures;
  const cells = Object.values(COLUMNS).map((pick) => {
    if (old) return `${pick(old)} → ${pick(figures)}`;
    const all = each.map(pick);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return low < high ? `${pick(figures)} (${low}–${high})` : String(pick(figures));
  });
  return `| ${name} | ${cells.join(" | ")} |`;
}

function details({ redis, arga, slack, called, moves }: Figures, most: number): string[] {
  const paths = [`  Calls: ${listed(called, most)}`, `  Moves: ${listed(moves, most)}`];
  return [
    `  Redis: ${listed(redis)}`,
    `  Arga: ${listed(arga)}`,
    `  Slack: ${listed(slack)}`,
    ...(most > 0 ? paths : []),
  ];
}

function listed(counts: Counts, most?: number): string {
  const parts = Object.entries(counts).map(([name, n]) => `${n} × ${name}`);
  return parts.slice(0, most).join(", ") || "none";
}
