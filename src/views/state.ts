import type { Run } from "../runs/run.ts";
import { safe } from "./text.ts";
import { ACTION_WORDS, LOCKED, OUTCOME_WORDS, PHASE_WORDS, type StateWords } from "./words.ts";

/** A run's state: an emoji, and words that follow its title. */
export function stateOf(run: Run): StateWords {
  const { phase } = run;
  if (phase.name === "ended") return OUTCOME_WORDS[phase.outcome];
  const { sign, words } = PHASE_WORDS[phase.name];
  switch (phase.name) {
    case "starting":
    case "running":
      return { sign, words: statusOf(run) || words };
    case "ready":
      return { sign, words: readyWords(run, words) };
    case "ending":
      return { sign, words: ACTION_WORDS[isTimed(run) ? "teardown" : "cancel"].doing };
    default:
      return { sign, words };
  }
}

/** Twins and sandboxes run for a time; tests and validations until they're done. */
export const isTimed = (run: Run): boolean => run.ttlMinutes !== undefined;

/** Arga's own word for it. */
const statusOf = ({ arga }: Run): string => safe((arga?.status ?? "").replaceAll("_", " "), 60);

/** Arga's own word stands beside ours where it says something else. */
function readyWords(run: Run, ready: string): string {
  const word = run.arga && run.arga.status !== "ready" ? ` (Arga says: ${statusOf(run)})` : "";
  return `${ready}${run.arga?.isPublic === false ? ` · ${LOCKED}` : ""}${word}`;
}
