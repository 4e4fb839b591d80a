import type { KnownBlock } from "@slack/types";
import { kindOf } from "../kinds/index.ts";
import type { Action, Outcome, Run, Step, ThreadEvent } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { comparison, effort, failure, hasFailed, stepLine } from "./progress.ts";
import { cutMarkup, mention, note, quote, safe, section, time } from "./text.ts";

/** One message of a run's thread. Only the requester is mentioned: when it's ready, about to end, or over. */
export function threadMessage(run: Run, what: ThreadEvent, context: ViewContext): Content {
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

const DONE: Record<Action, string> = {
  extend: "Extended",
  lock: "Locked",
  reset: "Reset",
  teardown: "Teardown asked for",
  cancel: "Cancelled",
};

const newEnd = (deadline: number | undefined): string => (deadline ? ` It now ends ${time(deadline)}.` : "");

const ENDED: Record<Outcome, string> = {
  passed: "passed",
  torn_down: "torn down",
  expired: "ended: its time was up",
  failed: "failed",
  refused: "not started",
  cancelled: "cancelled",
  lost: "nothing is heard of it any more",
  unknown:
    "nobody can tell whether Arga created it, because its answer was lost. It is not asked for again by itself",
};

function ended(run: Run, who: string, context: ViewContext): Content {
  const { phase } = run;
  if (phase.name !== "ended") return says(`${who}: ended.`);
  const done = run.ttlMinutes === undefined ? effort(run) : undefined;
  const before = phase.outcome === "cancelled" && !run.arga ? " before anything was created" : "";
  const words = `${who}: ${ENDED[phase.outcome]}${before}${done ? `, ${done}` : ""}.`;
  const failed =
    run.progress?.failed && hasFailed(run) ? ` Failed step: ${safe(run.progress.failed.text)}.` : "";
  const compared = comparison(run);
  const buttons =
    run.ttlMinutes === undefined ? actions(run, kindOf(run).availableActions(run), context, 2) : undefined;
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

const says = (words: string): { text: string; blocks: KnownBlock[] } => ({
  text: words,
  blocks: [section(words)],
});
