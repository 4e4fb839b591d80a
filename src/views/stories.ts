import type { KnownBlock } from "@slack/types";
import { kindOf } from "../runs/kinds.ts";
import type { Action, Outcome, Run, Story } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import type { Content } from "./card.ts";
import { mention, quote, safe, section, time } from "./text.ts";

/** One message of a run's thread. Only the requester is mentioned, and only where the contract says so. */
export function story(run: Run, what: Story, context: ViewContext): Content {
  const kind = kindOf(run);
  const title = safe(kind.title(kind.spec(run)), 200);
  const requester = mention(run.requester.id);
  switch (what.type) {
    case "ready": {
      const end = run.deadline ? ` It ends ${time(run.deadline.at)}.` : "";
      return says(`${requester} ${title}: ready.${end}`);
    }
    case "reminder":
      return reminder(run, `${requester} ${title}: ends ${time(what.deadline)}.`, context);
    case "acted":
      return says(`${DONE[what.action]} by ${safe(what.by.name, 80)}.${newEnd(what.deadline)}`);
    case "ended":
      return ended(run, `${requester} ${title}`);
  }
}

function reminder(run: Run, words: string, context: ViewContext): Content {
  const buttons = actions(run, ["extend", "teardown"], context, 1);
  const content = says(words);
  return { ...content, blocks: [...content.blocks, ...(buttons ? [buttons] : [])] };
}

const DONE: Record<Action, string> = {
  extend: "Extended",
  lock: "Locked",
  reset: "Reset",
  teardown: "Teardown asked for",
};

const newEnd = (deadline: number | undefined): string => (deadline ? ` It now ends ${time(deadline)}.` : "");

const ENDED: Record<Outcome, string> = {
  torn_down: "torn down.",
  expired: "ended: its time was up.",
  failed: "failed.",
  refused: "not started.",
  cancelled: "cancelled before anything was created.",
  unknown:
    "nobody can tell whether Arga created it, because its answer was lost. It is not asked for again by itself.",
};

function ended(run: Run, who: string): Content {
  const { phase } = run;
  if (phase.name !== "ended") return says(`${who}: ended.`);
  const words = `${who}: ${ENDED[phase.outcome]}`;
  return phase.why
    ? { text: `${words} ${safe(phase.why)}`, blocks: [section(words), quote(phase.why)] }
    : says(words);
}

const says = (words: string): { text: string; blocks: KnownBlock[] } => ({
  text: words,
  blocks: [section(words)],
});
