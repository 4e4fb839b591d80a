import type { KnownBlock, PlanBlock, RichTextBlock } from "@slack/types";
import type { PreviousRun, Run, Step } from "../runs/run.ts";
import { LIMITS } from "./limits.ts";
import { capitalized, cut, note, safe, section, wellFormed, words } from "./text.ts";
import { OUTCOME_WORDS } from "./words.ts";

/** What a test or validation does, and what became of it. All names of steps are Arga's words. */

const SIGNS: Record<Step["state"], string> = {
  running: ":hourglass_flowing_sand:",
  done: ":white_check_mark:",
  failed: ":x:",
  note: ":speech_balloon:",
};

/** One step in a line, for mrkdwn. */
export function stepLine(step: Step, limit = 200): string {
  const took = step.tookMs === undefined ? "" : ` (${tookWords(step.tookMs)})`;
  const why = step.state === "failed" && step.detail ? `: ${safe(step.detail, limit)}` : "";
  return `${SIGNS[step.state]} ${safe(step.text, limit) || "(no description)"}${why}${took}`;
}

/** `3 of 8 steps`, or nothing to say. */
export function stepCount({ progress }: Run): string | undefined {
  if (!progress || progress.count === 0) return undefined;
  const total =
    progress.total !== undefined && progress.total > progress.count ? ` of ${progress.total}` : "";
  return total
    ? `${progress.count}${total} steps`
    : `${progress.count} ${progress.count === 1 ? "step" : "steps"}`;
}

/** `step 2 of 3`: where a run is that is at work. */
export function stepNow({ progress }: Run): string | undefined {
  if (!progress || progress.count === 0) return undefined;
  const of = (progress.total ?? 0) >= progress.count ? ` of ${progress.total}` : "";
  return `step ${progress.count}${of}`;
}

/** How long it has been at work, as of the last that was heard of it. */
export function elapsed({ newsAt, startedAt }: Run): string | undefined {
  const ms = (newsAt ?? 0) - (startedAt ?? Number.POSITIVE_INFINITY);
  return ms >= 1_000 ? tookWords(ms) : undefined;
}

/** The steps that a card lists, with what they did rather than what was said between them. */
export const listedSteps = ({ progress }: Run): Step[] =>
  progress?.last.filter(({ state }) => state !== "note") ?? [];

/** The newest steps in Slack's own block for that; of a run that ended, its outcome is their heading. */
export function stepPlan(run: Run): KnownBlock[] {
  const steps = listedSteps(run);
  if (steps.length === 0) return [];
  const plan: PlanBlock = {
    type: "plan",
    title: planTitle(run, steps.length),
    // Why it failed stands above, once.
    tasks: steps.map((step, index) => task(asOf(run, step), index, hasFailed(run))),
  };
  return [plan];
}

/** A heading that counts more steps than stand below it says so. */
function planTitle(run: Run, listed: number): string {
  const { phase, progress } = run;
  const heading = phase.name === "ended" ? capitalized(OUTCOME_WORDS[phase.outcome].words) : undefined;
  const isMore = heading !== undefined && (progress?.count ?? 0) > listed;
  const parts = [
    heading,
    heading ? effort(run) : capitalized(stepNow(run) ?? ""),
    isMore ? `the last ${listed}` : undefined,
  ];
  return parts.filter(Boolean).join(" · ") || "Steps";
}

/** Nothing goes on in a run that ended, whatever was heard of its last step. */
const asOf = ({ phase }: Run, step: Step): Step =>
  phase.name === "ended" && step.state === "running" ? { ...step, state: "note" } : step;

const STATUS = { running: "in_progress", done: "complete", failed: "error", note: "complete" } as const;

function task(step: Step, index: number, isTold: boolean): Record<string, unknown> {
  const took = step.tookMs === undefined ? "" : ` (${tookWords(step.tookMs)})`;
  return {
    type: "task_card",
    task_id: `step_${index}`,
    title: `${cut(oneLine(step.text), LIMITS.taskTitle) || "(no description)"}${took}`,
    status: STATUS[step.state],
    ...(!isTold && step.state === "failed" && isSaid(step.detail) ? { details: richText(step.detail) } : {}),
  };
}

const oneLine = (text: string): string => wellFormed(text).replace(/\s+/g, " ").trim();

const isSaid = (text: string | undefined): text is string =>
  text !== undefined && wellFormed(text).trim() !== "";

const richText = (text: string): RichTextBlock => ({
  type: "rich_text",
  elements: [
    { type: "rich_text_section", elements: [{ type: "text", text: cut(wellFormed(text).trim(), 500) }] },
  ],
});

/** The same for a workspace that does not know that block. */
export function stepList(run: Run): KnownBlock[] {
  const steps = (run.progress?.last ?? []).filter(
    (step) => run.phase.name !== "ended" || step.state === "failed",
  );
  const { length } = steps;
  const lines = steps.map((step) => stepLine(hasFailed(run) ? { ...step, detail: "" } : asOf(run, step)));
  return length === 0 ? [] : [section(lines.join("\n"))];
}

/** What was said last between the steps, while it is the newest. */
export function lastNote(run: Run): KnownBlock[] {
  const last = run.progress?.last.at(-1);
  return last?.state === "note" && run.phase.name !== "ended" ? [note(stepLine(last))] : [];
}

/** A step may fail and the run pass, or be cancelled, all the same. */
const hasFailed = ({ phase }: Run): boolean => phase.name === "ended" && phase.outcome === "failed";

/** The step that a run failed at. */
export const failedStep = (run: Run): Step | undefined => (hasFailed(run) ? run.progress?.failed : undefined);

/** Arga's words on the whole, unless they are those on the failed step once more, with or without its name. */
export function furtherWords(run: Run): string | undefined {
  const why = run.phase.name === "ended" ? run.phase.why : undefined;
  if (!isSaid(why)) return undefined;
  const { text = "", detail } = failedStep(run) ?? {};
  if (!isSaid(detail)) return why;
  const isRepeated = [detail, `${text} ${detail}`].some((said) => bare(said) === bare(why));
  return isRepeated ? undefined : why;
}

/** What it says, whatever its punctuation. */
const bare = (words: string): string =>
  words
    .slice(0, 2_000)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/**
 * Why a run ended as it did, once and in full size: what the failed step said, and Arga's words on the whole. The step
 * itself is named where it is not among those that are listed with it.
 */
export function reason(run: Run, listed: readonly Step[] = []): KnownBlock[] {
  const failed = failedStep(run);
  const isListed = listed.some(({ key, state }) => key === failed?.key && state === "failed");
  const why = furtherWords(run);
  return [
    ...(failed && !isListed
      ? [section(`Failed step: *${safe(failed.text, 300) || "(no description)"}*`)]
      : []),
    ...(isSaid(failed?.detail) ? [words(failed.detail)] : []),
    ...(isSaid(why) ? [words(why)] : []),
  ];
}

/** `8 steps in 34 s`. */
export function effort(run: Run): string | undefined {
  const took = run.tookMs === undefined ? undefined : tookWords(run.tookMs);
  const steps = stepCount(run);
  if (steps && took) return `${steps} in ${took}`;
  return steps ?? (took && run.startedAt !== undefined ? `after ${took}` : undefined);
}

/** How a run compares with the one that it repeats. */
export function comparison(run: Run): string | undefined {
  const { previous, phase } = run;
  if (!previous) return undefined;
  const before = OUTCOME_WORDS[previous.outcome].words;
  if (phase.name !== "ended") return `Repeats \`${previous.id}\` (${before}).`;
  const now = OUTCOME_WORDS[phase.outcome].words;
  const change = now === before ? `${now} again` : `${before} before, ${now} now`;
  const pace = isComparable(run, previous)
    ? `, ${paceWords((run.tookMs ?? 0) - (previous.tookMs ?? 0))}`
    : "";
  return `Repeats \`${previous.id}\`: ${change}${pace}.`;
}

/** The time says something only of what went to its end by itself. */
const isComparable = (run: Run, previous: PreviousRun): boolean =>
  run.phase.name === "ended" &&
  run.phase.outcome === "passed" &&
  previous.outcome === "passed" &&
  run.tookMs !== undefined &&
  previous.tookMs !== undefined;

function paceWords(difference: number): string {
  if (Math.abs(difference) < 1_000) return "just as fast";
  return `${tookWords(Math.abs(difference))} ${difference > 0 ? "slower" : "faster"}`;
}

/** `850 ms` → `0.9 s`, `34000` → `34 s`, `125000` → `2 min 5 s`. */
export function tookWords(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
