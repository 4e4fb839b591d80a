import { queueThreadMessage, STORY_KEY } from "./outbox.ts";
import type { Message, Progress, Run, Step, Story } from "./run.ts";

/** Steps on a card. */
const SHOWN = 5;
/** Steps in the thread's message about them: beyond, it would be noise. */
const TOLD = 30;
/** Steps that are followed at all: a record must stay small, and a card has no room for more. */
const FOLLOWED = 1_000;
/** Characters of a step that are kept: a card cuts them shorter, and Arga has the rest. */
const KEPT = { text: 300, detail: 600 };

/**
 * Notes what a test or validation does. Steps may come again, in another order or state, and from two sources: what
 * is over is reported once, by its key. A step that was found over never goes on again.
 */
export const progressed = (run: Run, steps: readonly Step[], now: number): Run =>
  steps.reduce((next, step) => withStep(next, step, now), run);

/** Notes steps of a second source, unless it knows none of those that the first one named. */
export function recapped(run: Run, steps: readonly Step[], now: number): Run {
  const { last, reportedKeys: over } = run.progress ?? NOTHING;
  const isKnown = ({ key }: Step): boolean => over.includes(key) || last.some((step) => step.key === key);
  const isFirst = !last.some(({ state }) => state !== "note");
  return isFirst || steps.some(isKnown) ? progressed(run, steps, now) : run;
}

/** How many steps there will be. */
export const withTotal = (run: Run, total: number | undefined): Run =>
  total === undefined || run.progress?.total === total
    ? run
    : { ...run, progress: { ...(run.progress ?? NOTHING), total } };

const NOTHING: Progress = { last: [], reportedKeys: [], count: 0 };

const isOver = (step: Step): boolean => step.state !== "running";

function withStep(run: Run, seen: Step, now: number): Run {
  const progress = run.progress ?? NOTHING;
  if (progress.reportedKeys.includes(seen.key)) return run;
  if (progress.reportedKeys.length >= FOLLOWED) {
    const next = withFailure(progress, seen);
    return next === progress ? run : { ...run, progress: next };
  }
  const before = progress.last.find((step) => step.key === seen.key);
  const step = merged(before, shortened(seen));
  if (before && !isOver(step) && isEqual(before, step)) return run;
  const next: Run = { ...run, progress: noted(progress, before, step) };
  return isOver(step) ? inThread(next, step, now) : next;
}

function noted(progress: Progress, before: Step | undefined, step: Step): Progress {
  const last = newest(
    before ? progress.last.map((other) => (other === before ? step : other)) : [...progress.last, step],
  );
  // One that goes on is counted while it is remembered: it may come again when it is forgotten.
  const over = progress.count - runningIn(progress.last) + (isOver(step) && step.state !== "note" ? 1 : 0);
  const next: Progress = {
    ...progress,
    last,
    reportedKeys: isOver(step) ? [...progress.reportedKeys, step.key] : progress.reportedKeys,
    count: over + runningIn(last),
  };
  return withFailure(next, step);
}

/** What is said between the steps does not push them off the card. */
function newest(last: readonly Step[]): Step[] {
  const steps = last.filter(({ state }) => state !== "note").slice(-SHOWN);
  const note = last.at(-1);
  return note?.state === "note" ? [...steps, note] : steps;
}

const runningIn = (steps: readonly Step[]): number => steps.filter((step) => !isOver(step)).length;

const withFailure = (progress: Progress, step: Step): Progress =>
  step.state === "failed" && !progress.failed ? { ...progress, failed: shortened(step) } : progress;

/** What is known of a step, with how long it took if both its moments are. */
function merged(before: Step | undefined, step: Step): Step {
  if (!before) return step;
  const took = isOver(step) && before.at !== undefined && step.at !== undefined ? step.at - before.at : 0;
  return {
    ...before,
    ...step,
    ...(step.tookMs === undefined && took > 0 ? { tookMs: took } : {}),
    // It may be shown again while it goes on: its beginning counts.
    ...(isOver(step) || before.at === undefined ? {} : { at: before.at }),
  };
}

const shortened = (step: Step): Step => ({
  ...step,
  text: cut(step.text, KEPT.text),
  ...(step.detail ? { detail: cut(step.detail, KEPT.detail) } : {}),
});

/** Never half a character. */
const cut = (text: string, limit: number): string => text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");

const isEqual = (a: Step, b: Step): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Into the run's one message about steps. After the end, a thread says nothing. */
function inThread(run: Run, step: Step, now: number): Run {
  if (run.phase.name === "ended") return run;
  const { steps, earlier, ...rest } = run.story ?? { steps: [], earlier: 0 };
  const all = [...steps, step];
  const story = { ...rest, steps: all.slice(-TOLD), earlier: earlier + Math.max(0, all.length - TOLD) };
  const next = { ...run, story };
  if (run.story) return next;
  return queueThreadMessage(next, STORY_KEY, { type: "steps", steps: [step], since: now, isStory: true });
}

/** Of a run that is over: its steps that nobody has been told go with the end, in one message instead of two. */
export const storyJoinsEnd = (run: Run): Run =>
  run.phase.name === "ended" ? { ...run, outbox: run.outbox.filter((other) => !isUnsentStory(other)) } : run;

const isUnsentStory = ({ to, key, sendingSince }: Message): boolean =>
  to === "thread" && key === STORY_KEY && sendingSince === undefined;

/** The steps that the end tells, because no message of theirs does or will. */
export const storyOfEnd = ({ story, outbox }: Run): Story | undefined =>
  story?.posted || outbox.some(({ key }) => key === STORY_KEY) ? undefined : story;

/** How many steps a story tells of, those included that it has no room for. */
export const stepsTold = ({ steps, earlier }: Story): number => steps.length + earlier;

/** Its message stands in the thread, as of so many steps. */
export const storyPosted = (run: Run, posted: NonNullable<Story["posted"]>): Run =>
  run.story ? { ...run, story: { ...run.story, posted } } : run;
