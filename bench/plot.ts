import { CONCURRENCIES, CONTENDERS } from "./ack.ts";
import { median, shown } from "./numbers.ts";
import type { Found } from "./rows.ts";

const [WIDTH, BAR, GAP, LEFT] = [760, 14, 6, 290];

/** Requests a second of every contender, as bars for each concurrency; readable on light and on dark. */
export function drawPlot(found: Found): string {
  const of = (name: string, n: number): number[] => found.acks?.[`${name} ${n} perSecond`] ?? [];
  const names = Object.keys(CONTENDERS);
  const most = Math.max(1, ...names.flatMap((name) => CONCURRENCIES.flatMap((n) => of(name, n))));
  const x = (value: number): number => LEFT + (value / most) * (WIDTH - LEFT - 70);
  let y = 10;
  const parts: string[] = [];
  for (const n of CONCURRENCIES) {
    parts.push(`<text x="10" y="${y + 14}" font-weight="bold">${n} at once</text>`);
    y += 24;
    for (const [name, { title }] of Object.entries(CONTENDERS)) {
      const values = of(name, n);
      if (values.length === 0) continue;
      const value = median(values);
      const middle = y + BAR / 2;
      const fill = name === "web" || name === "all" ? "#6c4bd1" : "#8a8a94";
      parts.push(
        `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${title}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR}" fill="${fill}"/>`,
        `<line x1="${x(Math.min(...values)).toFixed(1)}" x2="${x(Math.max(...values)).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#c9a227" stroke-width="2"/>`,
        `<text x="${(x(Math.max(...values)) + 6).toFixed(1)}" y="${middle + 4}">${shown(value)}</text>`,
      );
      y += BAR + GAP;
    }
    y += 12;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="11" fill="#7d7d87" role="img" aria-label="Acknowledged requests a second">`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
