import type { ActionsBlock, KnownBlock } from "@slack/types";
import { describeRun } from "../kinds/index.ts";
import type { RunControl } from "../runs/controls.ts";
import { storyOfEnd } from "../runs/progress.ts";
import { isQuiet } from "../runs/quiet.ts";
import type { Outcome, Run, Step, Story, ThreadEvent } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { comparison, effort, failedStep, furtherWords, reason, stepLine } from "./progress.ts";
import { linkedProof } from "./proof.ts";
import { isTimed } from "./state.ts";
import { capitalized, cutMarkup, mention, note, quote, safe, section, time } from "./text.ts";
import { ACTION_WORDS, OUTCOME_WORDS, UNCONFIRMED } from "./words.ts";

/**
 * One message of a run's thread. Only the requester is mentioned: when it's ready, about to end, or over; and not even
 * they in their quiet hours.
 */
export function threadMessage(run: Run, what: ThreadEvent, context: ViewContext): Content {
  const about = describeRun(run);
  const title = safe(about.title, 200);
  const { requester: person, telling } = run;
  const isMentioned = !(telling?.quiet && isQuiet(telling.quiet, context.now));
  const requester = isMentioned ? mention(person.id) : safe(person.name, 80);
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
      return withButtons(
        says(`${requester} ${title}: ends ${time(what.deadline)}.`),
        actions(run, { ...about, controls: about.controls.filter(isOfReminder) }, context, 1),
      );
    case "acted":
      return says(
        `${capitalized(ACTION_WORDS[what.action].done)}${what.name ? ` (${safe(what.name, 100)})` : ""} by ${safe(what.by.name, 80)}.${newEnd(what.deadline)}`,
      );
    case "shared": {
      const names = what.with.map(({ name }) => safe(name, 80)).join(", ");
      return says(
        `Shared with ${names} by ${safe(what.by.name, 80)}: they can do all that the requester can, and see its credentials.`,
      );
    }
    case "proof":
      return says(linkedProof(run, what.files));
    case "steps":
      return storyMessage((what.isStory && run.story) || { steps: what.steps, earlier: 0 });
    case "ended": {
      // Nobody is mentioned for what they did, or when they hear of it otherwise.
      const isTold = run.endedBy?.id === person.id || telling?.end === "message" || !isMentioned;
      // The card has the link to the dashboard.
      const controls = isTimed(run) ? [] : about.controls.filter((name) => name !== "dashboard");
      return withButtons(
        ended(run, isTold ? title : `${requester} ${title}`),
        actions(run, { ...about, controls }, context, 2),
      );
    }
  }
}

/** Steps in one section: longer ones than that must fit into its 3,000 characters. */
const IN_ONE_SECTION = 7;

/** What is over, step by step: the one message that is edited as they come. */
export function storyMessage({ steps, earlier }: Pick<Story, "steps" | "earlier">): Content {
  const lines = steps.map((step: Step) => stepLine(step, 180));
  const before =
    earlier === 1 ? "1 earlier step is in the logs." : `${earlier} earlier steps are in the logs.`;
  const parts = lines.flatMap((_, n) =>
    n % IN_ONE_SECTION === 0 ? [lines.slice(n, n + IN_ONE_SECTION)] : [],
  );
  return {
    text: cutMarkup(lines.join("\n"), LIMITS.text),
    blocks: [...(earlier > 0 ? [note(before)] : []), ...parts.map((part) => section(part.join("\n")))],
  };
}

/** What a person may want who is reminded that it ends. */
const isOfReminder = (name: RunControl): boolean => name === "extend" || name === "teardown";

const withButtons = ({ text, blocks }: Content, buttons: ActionsBlock | undefined): Content => ({
  text,
  blocks: [...blocks, ...(buttons ? [buttons] : [])],
});

const newEnd = (deadline: number | undefined): string => (deadline ? ` It now ends ${time(deadline)}.` : "");

function ended(run: Run, who: string): Content {
  const { phase } = run;
  if (phase.name !== "ended") return says(`${who}: ended.`);
  const words = `${who}: ${endWords(run, phase.outcome)}`;
  const step = failedStep(run);
  const failed = step ? ` Failed step: ${safe(step.text)}.` : "";
  const why = furtherWords(run) ?? step?.detail;
  const compared = comparison(run);
  const story = storyOfEnd(run);
  const steps = story?.steps ?? [];
  // Why it failed stands above, once.
  const told = steps.map((each) => (each.key === step?.key ? { ...each, detail: "" } : each));
  const before = story && storyMessage({ ...story, steps: told });
  const text = `${words}${failed}${why ? ` ${safe(why)}` : ""}`;
  return {
    text: cutMarkup(before ? `${text}\n${before.text}` : text, LIMITS.text),
    blocks: [
      section(words),
      ...reason(run, steps),
      ...(compared ? [note(compared)] : []),
      ...(before?.blocks ?? []),
    ],
  };
}

/** How it ended, by whom, and what it did until then. */
function endWords(run: Run, outcome: Outcome): string {
  const isAsked = outcome === "torn_down" || outcome === "cancelled";
  const by = isAsked && run.endedBy ? ` by ${safe(run.endedBy.name, 80)}` : "";
  const before = outcome === "cancelled" && !run.arga ? " before anything was created" : "";
  const done = isTimed(run) ? undefined : effort(run);
  const more = outcome === "unknown" ? ` ${UNCONFIRMED}` : "";
  return `${OUTCOME_WORDS[outcome].words}${by}${before}${done ? `, ${done}` : ""}.${more}`;
}

const says = (words: string): { text: string; blocks: KnownBlock[] } => ({
  text: words,
  blocks: [section(words)],
});
