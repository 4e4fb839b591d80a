import type { CatalogTwin } from "../api/catalog.ts";
import { titleOf } from "../kinds/index.ts";
import type { Run } from "../runs/run.ts";
import type { Content } from "./card.ts";
import { textContent } from "./replies.ts";
import { stateOf } from "./state.ts";
import { code, note, safe, section, time } from "./text.ts";
import { MAY_BE_OLD } from "./words.ts";

const RUNS_SHOWN = 25;

/** What is running, a line a run. `where` completes "Nothing is running …". */
export function runList(runs: readonly Run[], where: string): Content {
  if (runs.length === 0)
    return textContent(`Nothing is running ${where}. Start something: ${code("/arga twins stripe 60")}`);
  const lines = runs.slice(0, RUNS_SHOWN).map(line);
  const rest = runs.length - lines.length;
  return {
    text: `${runs.length} running ${where}`,
    blocks: [
      ...lines.map(section),
      note(`${rest > 0 ? `and ${rest} more · ` : ""}${code("/arga status ID")} shows a run with its buttons`),
    ],
  };
}

function line(run: Run): string {
  const { sign, words } = stateOf(run);
  const end = run.deadline ? ` · ends ${time(run.deadline.at)}` : "";
  const title = safe(titleOf(run), 120);
  return `${sign} ${code(run.id)} *${title}* — ${words}${end} · for ${safe(run.requester.name, 60)}`;
}

/** The twins on offer, grouped by what Arga calls their kind. */
export function catalogList(twins: readonly CatalogTwin[], isFresh: boolean): Content {
  const kinds = [...new Set(twins.map((twin) => twin.kind ?? "other"))];
  const groups = kinds.map((kind) => {
    const names = twins.filter((twin) => (twin.kind ?? "other") === kind).map((twin) => code(twin.name, 60));
    return section(`*${safe(kind, 40)}*  ${names.join(" ")}`);
  });
  const age = isFresh ? "" : `${MAY_BE_OLD} `;
  return {
    text: `${twins.length} twins: ${twins.map((twin) => safe(twin.name, 60)).join(", ")}`.slice(0, 3_000),
    blocks: [
      section(`*${twins.length} twins*`),
      ...groups.slice(0, 40),
      note(`${age}Start one with ${code("/arga twins NAME 60")}`),
    ],
  };
}
