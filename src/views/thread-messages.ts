import type { KnownBlock } from "@slack/types";
import { controlsOf, kindOf, titleOf } from "../kinds/index.ts";
import type { RunControl } from "../runs/controls.ts";
import type { Run, Step, ThreadEvent } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { comparison, effort, failure, hasFailed, stepLine } from "./progress.ts";
import { isTimed } from "./state.ts";
import { capitalized, cutMarkup, mention, note, quote, safe, section, time } from "./text.ts";
import { ACTION_WORDS, OUTCOME_WORDS, UNCONFIRMED } from "./words.ts";

/** One message of a run's thread. Only the requester is mentioned: when it's ready, about to end, or over. */
export function threadMessage(run: Run, what: ThreadEvent, context: ViewContext): Content {
  const title = safe(titleOf(run), 200);
  const requester = mention(run.requester.id);
  switch (what.type) {
    case "ready": {
      const end = run.deadline ? ` Ends ${time(run.deadline.at)}.` : "";
      return says(`${requester} ${title}: ready.${end}`);
    }
    case "retried": {
      const words = `${title}: Arga couldn't provide it this time. I'm trying once more.`;
      const content = says(words);
      return { text: words, blocks: [...content.blocks, quote(what.why)] };
    }
    case "reminder":
      return reminder(run, `${requester} ${title}: ends ${time(what.deadline)}.`, context);
    case "acted":
      return says(
        `${capitalized(ACTION_WORDS[what.action].done)} by ${safe(what.by.name, 80)}.${newEnd(what.deadline)}`,
      );
    case "steps":
      return steps(what.steps);
    case "ended":
      return ended(run, `${requester} ${title}`, context);
  }
}

/** Steps in one section: longer ones than that must fit into its 3,000 characters. */
const IN_ONE_SECTION = 7;

function steps(all: readonly Step[]): Content {
  const lines = all.map((step) => stepLine(step, 180));
  const parts = lines.flatMap((_, n) =>
    n % IN_ONE_SECTION === 0 ? [lines.slice(n, n + IN_ONE_SECTION)] : [],
  );
  return {
    text: cutMarkup(lines.join("\n"), LIMITS.text),
    blocks: parts.map((part) => section(part.join("\n"))),
  };
}

function reminder(run: Run, words: string, context: ViewContext): Content {
  const offers = (["extend", "teardown"] as const).filter((action) => kindOf(run).actions.includes(action));
  const buttons = actions(run, offers, context, 1);
  const content = says(words);
  return { ...content, blocks: [...content.blocks, ...(buttons ? [buttons] : [])] };
}

const newEnd = (deadline: number | undefined): string => (deadline ? ` It now ends ${time(deadline)}.` : "");

function ended(run: Run, who: string, context: ViewContext): Content {
  const { phase } = run;
  if (phase.name !== "ended") return says(`${who}: ended.`);
  const done = isTimed(run) ? undefined : effort(run);
  const before = phase.outcome === "cancelled" && !run.arga ? " before anything was created" : "";
  const more = phase.outcome === "unknown" ? ` ${UNCONFIRMED}` : "";
  const words = `${who}: ${OUTCOME_WORDS[phase.outcome].words}${before}${done ? `, ${done}` : ""}.${more}`;
  const failed =
    run.progress?.failed && hasFailed(run) ? ` Failed step: ${safe(run.progress.failed.text)}.` : "";
  const compared = comparison(run);
  const buttons = isTimed(run) ? undefined : actions(run, besidesDashboard(run), context, 2);
  return {
    text: cutMarkup(`${words}${failed}${phase.why ? ` ${safe(phase.why)}` : ""}`, LIMITS.text),
    blocks: [
      section(words),
      ...failure(run),
      ...(phase.why ? [quote(phase.why)] : []),
      ...(compared ? [note(compared)] : []),
      ...(buttons ? [buttons] : []),
    ],
  };
}

/** The card has the link to the dashboard. */
const besidesDashboard = (run: Run): RunControl[] => controlsOf(run).filter((name) => name !== "dashboard");

const says = (words: string): { text: string; blocks: KnownBlock[] } => ({
  text: words,
  blocks: [section(words)],
});
