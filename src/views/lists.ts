import type { ActionsBlock, Button, KnownBlock, SectionBlock } from "@slack/types";
import type { CatalogTwin } from "../api/catalog.ts";
import { titleOf } from "../kinds/index.ts";
import { isTwinName } from "../kinds/targets.ts";
import type { Run } from "../runs/run.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { commandButton, textContent } from "./replies.ts";
import { stateOf } from "./state.ts";
import { code, counted, link, note, safe, section, time } from "./text.ts";
import { MAY_BE_OLD } from "./words.ts";

const RUNS_SHOWN = 25;

/** What is running, a line a run, whose title leads to its card. `where` completes "Nothing is running …". */
export function runList(
  runs: readonly Run[],
  where: string,
  cardLink: (run: Run) => string | undefined = () => undefined,
): Content {
  if (runs.length === 0)
    return textContent(`Nothing is running ${where}. Start something: ${code("/arga twins stripe 60")}`);
  const shown = runs.slice(0, RUNS_SHOWN);
  const rest = runs.length - shown.length;
  const head = `${runs.length} running ${where}`;
  return {
    text: head,
    blocks: [
      section(`*${head}*`),
      ...shown.map((run, n) => runBlock(run, n, cardLink(run))),
      ...(rest > 0 ? [note(`and ${rest} more`)] : []),
    ],
  };
}

function runBlock(run: Run, n: number, card: string | undefined): SectionBlock {
  const { sign, words } = stateOf(run);
  const title = titleOf(run);
  const facts = [
    ...(run.deadline ? [`ends ${time(run.deadline.at)}`] : []),
    `for ${safe(run.requester.name, 60)}`,
    // Of a direct message Slack would show an id.
    ...(/^[CG]\w{1,20}$/.test(run.channel) ? [`<#${run.channel}>`] : []),
    code(run.id),
  ];
  return {
    ...section(`${sign} *${card ? link(card, title) : safe(title, 120)}* — ${words}\n${facts.join(" · ")}`),
    accessory: commandButton(n, "Details", `status ${run.id}`),
  };
}

/** Start buttons of a catalog, and of one kind in it: more would be a wall, and Slack takes 25 a row. */
const STARTS = { all: 50, kind: LIMITS.actionsElements };

/** The twins on offer, grouped by what Arga calls their kind; a press starts one for the usual time. */
export function catalogList(twins: readonly CatalogTwin[], isFresh: boolean): Content {
  const kinds = [...new Set(twins.map((twin) => twin.kind ?? "other"))];
  let left = STARTS.all;
  const groups = kinds.slice(0, 40).flatMap((kind): KnownBlock[] => {
    const members = twins.filter((twin) => (twin.kind ?? "other") === kind);
    const names = members.map((twin) => code(twin.name, 60));
    const from = STARTS.all - left;
    const buttons = members
      .filter(({ name }) => isTwinName(name))
      .slice(0, Math.min(left, STARTS.kind))
      .map(({ name }, n) => commandButton(from + n, `Start ${name}`, `twins ${name}`));
    left -= buttons.length;
    return [section(`*${safe(kind, 40)}*  ${names.join(" ")}`), ...row(buttons)];
  });
  const age = isFresh ? "" : `${MAY_BE_OLD} `;
  const head = counted(twins.length, "twin");
  return {
    text: `${head}: ${twins.map((twin) => safe(twin.name, 60)).join(", ")}`.slice(0, 3_000),
    blocks: [
      section(`*${head}*`),
      ...groups.slice(0, 46),
      note(`${age}Start several with ${code("/arga twins NAME,NAME 60")}`),
    ],
  };
}

const row = (elements: Button[]): ActionsBlock[] =>
  elements.length > 0 ? [{ type: "actions", elements }] : [];
