import { type ArgaError, ArgaGone, ArgaNotFound } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import type { Outcome, Run } from "../../runs/run.ts";
import type { Observation } from "../../runs/transitions.ts";

/** What Arga's answers, and its silence, mean for a run. */

/** A word for a state that this code does not know is believed to be an end after this long, where an end is due. */
const UNKNOWN_WORD_MS = 120_000;

/** Fills in what Arga leaves open: a word never seen where only an end can follow, and silence that lasts. */
export function interpret(run: Run, seen: Observation): Observation {
  const now = Date.now();
  const { phase, deadline } = run;
  const isStuck = phase.name === "ending" && now - phase.since > UNKNOWN_WORD_MS;
  const isOver = phase.name === "ready" && deadline !== undefined && now - deadline.at > UNKNOWN_WORD_MS;
  const isEnd = seen.state === undefined && seen.arga.links.length === 0 && (isStuck || isOver);
  if (isEnd) return { ...seen, state: "ended", outcome: isStuck ? "torn_down" : "expired" };
  return isSilent(run, seen, now) ? { ...seen, state: "ended", outcome: "lost", why: silence(seen) } : seen;
}

/** Tests and validations have no time to live: without news for so long, they are not watched any more, in ms. */
const SILENT_MS = { known: 24 * 3600_000, odd: 30 * 60_000 };

/** A status that we don't know may well be a last one. */
const isSilent = (run: Run, seen: Observation, now: number): boolean =>
  run.ttlMinutes === undefined &&
  seen.state !== "ended" &&
  now - (run.newsAt ?? run.startedAt ?? now) > (seen.isOdd ? SILENT_MS.odd : SILENT_MS.known);

const silence = ({ arga, isOdd }: Observation): string =>
  `Arga says "${arga.status}"${isOdd ? ", which I don't know," : ""} and has shown nothing new for ${isOdd ? "half an hour" : "a day"}, so I stopped watching.`;

/** A run that Arga doesn't know yet, right after it was created, in ms. */
const SETTLING_MS = 30_000;

/** The end that an error stands for. 410: destroyed after its time. 404: Arga doesn't have it any more. */
export function endIn(run: Run, error: ArgaError): Observation | undefined {
  const isGone = error instanceof ArgaGone;
  const isYoung = run.phase.name === "starting" && Date.now() - run.phase.since < SETTLING_MS;
  if (!isGone && !(error instanceof ArgaNotFound && !isYoung)) return undefined;
  const { id: _, legacy: __, ...arga } = run.arga ?? { id: "", status: "", links: [] };
  return { state: "ended", outcome: goneAs(run), arga: { ...arga, links: [] } };
}

function goneAs(run: Run): Outcome {
  const kind = kindOf(run);
  if (kind.needs(kind.spec(run)).ttlMinutes === undefined)
    return run.phase.name === "ending" ? "cancelled" : "failed";
  const wasAsked = run.phase.name === "ending" || (run.deadline && Date.now() < run.deadline.at - 1_000);
  return wasAsked ? "torn_down" : "expired";
}

/** Arga hasn't answered for this long since the run's time was up: it isn't asked for ever. */
const OVERDUE_MS = 24 * 3600_000;

/** The end of a run that Arga can't be asked about any more. */
export function overdue(run: Run): Observation | undefined {
  if (!run.deadline || Date.now() < run.deadline.at + OVERDUE_MS) return undefined;
  const why = "Arga stopped answering before it confirmed the end.";
  return {
    state: "ended",
    outcome: "expired",
    why,
    arga: { ...run.arga, status: run.arga?.status ?? "", links: [] },
  };
}
