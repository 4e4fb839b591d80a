import type { ActionsBlock, Button } from "@slack/types";
import type { Offer } from "../kinds/grammar.ts";
import { kindOf, titleOf } from "../kinds/index.ts";
import type { Reply, Run } from "../runs/run.ts";
import { type ActionId, suffixed } from "../slack/ids.ts";
import { button } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { code, cutMarkup, link, quote, safe, section, time } from "./text.ts";
import { ACTION_WORDS, CONTROL_WORDS, OUTCOME_WORDS } from "./words.ts";

/** A reply to one person, which no one else sees. `card`: a link to it. */
export function replyContent(run: Run, what: Reply, card?: string): Content {
  const name = `${safe(titleOf(run), 200)} (\`${run.id}\`)`;
  switch (what.type) {
    case "rejected":
      return refusal(what.why, what.tryThis, offersOf(what));
    case "done": {
      const { done, effect } = ACTION_WORDS[what.action];
      const end = what.deadline ? `It now ends ${time(what.deadline)}.` : effect;
      const as = what.name ? ` (${safe(what.name, 100)})` : "";
      return textContent(`${name}: ${done}${as}.${end ? ` ${end}` : ""}`);
    }
    case "not_done": {
      const why = cutMarkup(inCode(what.why), 1_500);
      return textContent(`Couldn't ${CONTROL_WORDS[what.action].verb} ${name}: ${why}.`);
    }
    case "unclear":
      return textContent(
        `Can't tell if I managed to ${CONTROL_WORDS[what.action].verb} ${name}: Arga didn't confirm. Have a look, and ask again if it didn't work.`,
      );
    case "card_delayed":
      return withReason(
        `I haven't been able to post here for a while, so ${name} isn't started yet. I'll keep trying.`,
        what.why,
      );
    case "channel_closed":
      return withReason(
        `${name} ended, and I can't post in its channel any more.`,
        run.phase.name === "ended" ? run.phase.why : undefined,
      );
    case "ended": {
      const { phase } = run;
      const [outcome, why] =
        phase.name === "ended" ? [OUTCOME_WORDS[phase.outcome].words, phase.why] : ["ended", undefined];
      return withReason(`${name}: ${outcome}.${card ? ` ${link(card, "Card")}` : ""}`, why);
    }
  }
}

const withReason = (words: string, why: string | undefined): Content =>
  why ? textWithQuote(words, why) : textContent(words);

const offersOf = ({ tryThis, button }: { tryThis?: string; button?: string }): Offer[] =>
  tryThis && button ? [{ label: button, command: tryThis }] : [];

/** Buttons that run whole commands. undefined: none that Slack would take. */
function offerButtons(offers: readonly Offer[]): ActionsBlock | undefined {
  const elements = offers
    .filter(({ command }) => command.length <= LIMITS.buttonValue)
    .map(({ label, command }, index) => commandButton(index, label, command));
  return elements.length > 0 ? { type: "actions", elements } : undefined;
}

/** Runs a whole command for whoever presses; `n` tells the buttons of one message apart. */
export const commandButton = (n: number, label: string, command: string): Button => ({
  ...button(suffixed("command.run", n) as ActionId, label),
  value: command,
});

/** A refusal: what is wrong, a command that works, and buttons for what may have been meant. */
export function refusal(why: string, tryThis?: string, offers: readonly Offer[] = []): Content {
  const words = cutMarkup(inCode(why), 1_500).trim() || "That was refused, but I wasn't told why.";
  const example = tryThis ? `Try ${code(tryThis)}` : undefined;
  const buttons = offerButtons(offers);
  return {
    text: example ? `${words} ${example}` : words,
    blocks: [section(words), ...(example ? [section(example)] : []), ...(buttons ? [buttons] : [])],
  };
}

/** Escaped as all foreign text; what we put between backticks stays code. */
const inCode = (text: string): string =>
  withOneStop(
    text
      .slice(0, 6_000)
      .split("`")
      .map((part, i) => (i % 2 === 1 ? code(part) : spaced(part)))
      .join(""),
  );

function withOneStop(words: string): string {
  let end = words.length;
  while (words.charAt(end - 2) === "." && words.charAt(end - 1) === ".") end--;
  return words.slice(0, end);
}

/** {@link safe} trims; the spaces next to code are kept. */
const spaced = (part: string): string =>
  `${/^\s/.test(part) ? " " : ""}${safe(part, 1_500)}${part.trim() && /\s$/.test(part) ? " " : ""}`;

export const textContent = (words: string): Content => ({ text: words, blocks: [section(words)] });

/** Foreign words under our own. */
export const textWithQuote = (words: string, foreign: string): Content => ({
  text: `${words} ${safe(foreign)}`,
  blocks: [section(words), quote(foreign)],
});

/** To whoever may not do something with a run; `what` completes "You can't …". */
export const denial = (what: string, { id }: Run, why: string): Content =>
  textContent(`You can't ${what} \`${id}\`: ${safe(why)}.`);

/** For a run that there is none of, and alike for one that this person may not see. */
export const RUN_IS_GONE = refusal("This run is gone.", "/arga list");

/** The command that asks for the same. */
export function commandOf(run: Run): string {
  // What repeats another run was asked for as that: typed anew, a test would be another one.
  if (run.previous) return `/arga rerun ${run.previous.id}`;
  const kind = kindOf(run);
  const { twins, ttlMinutes, retype } = kind.needs(kind.spec(run));
  return retype(twins, ttlMinutes);
}

/** For a button of a preset that its person took away. */
export const PRESET_IS_GONE = textContent(
  "There's no such preset any more. *Settings* on my Home tab has yours.",
);
