import { kindOf } from "../kinds/index.ts";
import type { Action, Reply, Run } from "../runs/run.ts";
import type { Content } from "./card.ts";
import { code, cutMarkup, quote, safe, section, time } from "./text.ts";

/** What one person is told, seen by that person alone. */
export function replyContent(run: Run, what: Reply): Content {
  const kind = kindOf(run);
  const title = safe(kind.title(kind.spec(run)), 200);
  switch (what.type) {
    case "rejected":
      return refusal(what.why, what.tryThis);
    case "done": {
      const end = what.deadline ? ` It now ends ${time(what.deadline)}.` : "";
      return textContent(`${title} (\`${run.id}\`): ${DONE[what.action]}.${end}`);
    }
    case "not_done":
      return textContent(
        `${title} (\`${run.id}\`) was not ${PAST[what.action]}: ${cutMarkup(inCode(what.why), 1_500)}.`,
      );
    case "card_delayed": {
      const words = `${title} (\`${run.id}\`): I have not been able to post here for a while, and nothing was created yet. I keep trying.`;
      return what.why ? textWithQuote(words, what.why) : textContent(words);
    }
    case "channel_closed": {
      const why = run.phase.name === "ended" && run.phase.why;
      const words = `${title} (\`${run.id}\`) ended, and I cannot say so in its channel any more.`;
      return why ? textWithQuote(words, why) : textContent(words);
    }
    case "unclear":
      return textContent(
        `${title} (\`${run.id}\`): Arga's answer was lost, so nobody can tell whether it was ${PAST[what.action]}. Look at it, and ask again if need be.`,
      );
  }
}

const DONE: Record<Action, string> = {
  extend: "extended",
  lock: "locked; its public URLs are revoked",
  reset: "reset",
  teardown: "is being torn down",
  cancel: "is being cancelled",
};

const PAST: Record<Action, string> = {
  extend: "extended",
  lock: "locked",
  reset: "reset",
  teardown: "torn down",
  cancel: "cancelled",
};

/** A refusal: what is wrong, and a command that works. */
export function refusal(why: string, tryThis?: string): Content {
  const words = cutMarkup(inCode(why), 1_500) || "That was refused, without a reason.";
  const example = tryThis ? `Try ${code(tryThis)}` : undefined;
  return {
    text: example ? `${words} ${example}` : words,
    blocks: [section(words), ...(example ? [section(example)] : [])],
  };
}

/** Escaped as all foreign text; what we put between backticks stays code. */
const inCode = (text: string): string =>
  text
    .split("`")
    .map((part, i) => (i % 2 === 1 ? code(part) : spaced(part)))
    .join("")
    .replace(/\.+$/, (dots) => (dots.length > 1 ? "." : dots));

/** {@link safe} trims; the spaces next to code are kept. */
const spaced = (part: string): string =>
  `${/^\s/.test(part) ? " " : ""}${safe(part, 1_500)}${part.trim() && /\s$/.test(part) ? " " : ""}`;

export const textContent = (words: string): Content => ({ text: words, blocks: [section(words)] });

/** Foreign words under our own. */
export const textWithQuote = (words: string, foreign: string): Content => ({
  text: `${words} ${safe(foreign)}`,
  blocks: [section(words), quote(foreign)],
});
