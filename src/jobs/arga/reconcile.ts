import { ArgaError, ArgaGone, ArgaNotFound } from "../../api/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { expectedEnd } from "../../runs/actions.ts";
import { type ActionRequest, isEnded, type Outcome, type Run } from "../../runs/run.ts";
import { extendedTo, type Observation, observed, reminded } from "../../runs/transitions.ts";
import { changedSince, type Reconciler } from "../reconciler.ts";
import { type ArgaResult, orphaned, retryAt, startAtArga } from "./create.ts";
import { type ArgaDeps, noteTrouble, updateRun } from "./deps.ts";
import { performAction, tooLate } from "./perform-action.ts";

const ROUNDS = 20;
/** A run that Arga does not know yet, right after it was created, in ms. */
const SETTLING_MS = 30_000;

/** Brings a run's record in line with Arga, and Arga with what people asked for. */
export const reconcileArga =
  (deps: ArgaDeps): Reconciler =>
  async (ref) => {
    const first = await deps.store.get(ref);
    if (!first) return undefined;
    let seen = first;
    let done = await reconcileOnce(deps, seen);
    for (let round = 1; round < ROUNDS && done.more && done.requeueAt === undefined; round++) {
      seen = done.run;
      done = await reconcileOnce(deps, seen);
    }
    const { run } = done;
    // Whatever this job wrote, Slack was poked for.
    if (run.version === first.version && isUntold(run)) await deps.queues.ensureEnqueued("slack", run);
    const requeueAt = done.requeueAt ?? (done.more ? Date.now() : nextLookAt(run, Date.now()));
    const isChanged = changedSince(deps.store, run, argaFingerprint);
    // Whoever followed it may have stopped, and poked, since.
    const isLeft = async (): Promise<boolean> =>
      done.isWatched === true &&
      kindOf(run).follow !== undefined &&
      (await watchedFor(deps, run)) === undefined;
    const isStale = async (): Promise<boolean> =>
      hasUnseen(seen, run) || (await isChanged()) || (await isLeft());
    return { isStale, ...(requeueAt === undefined ? {} : { requeueAt }) };
  };

/** What this side depends on: the phase, the card that must stand before a create, and what people ask for. */
const argaFingerprint = ({ phase, card, actionRequests }: Run): string =>
  [phase.name, card.state === "posted", ...actionRequests.map((wish) => wish.key)].join();

/** What came in between is in the record since the last write, but nobody has looked at it. */
const hasUnseen = (seen: Run, { actionRequests, card, phase }: Run): boolean =>
  actionRequests.some(({ key }) => seen.actionRequests.every((wish) => wish.key !== key)) ||
  (phase.name === "requested" && card.state === "posted" && seen.card.state !== "posted");

/** Slack was poked when this was written, unless the process died right then. */
const isUntold = ({ outbox, card, phase }: Run): boolean =>
  outbox.length > 0 || (card.state === "posted" && card.shown !== phase.name);

/** One thing, the most pressing. */
async function reconcileOnce(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  const [wish] = run.actionRequests;
  if (run.phase.name === "creating") return await orphaned(deps, run);
  if (isEnded(run)) return { run: wish ? await updateRun(deps, run, tooLate) : run };
  if (run.phase.name === "requested")
    return wish ? await performAction(deps, run, wish) : await startAtArga(deps, run);
  return wish ? await work(deps, run, wish) : await look(deps, run);
}

/** What became of a wish that was sent shows in a look at Arga; an extension is judged by the newest end. */
async function work(deps: ArgaDeps, run: Run, wish: ActionRequest): Promise<ArgaResult> {
  const isNew = wish.state.name === "pending";
  const looked = isNew && wish.action !== "extend" ? { run } : await observe(deps, run);
  if (isEnded(looked.run)) return looked;
  const isBlind = "requeueAt" in looked && looked.requeueAt !== undefined;
  if (isBlind && !isNew) return looked;
  const [current] = looked.run.actionRequests;
  return current ? await performAction(deps, looked.run, current) : looked;
}

/** Only a run whose end was asked for is looked at beside those who watch it: they know better when all was told. */
async function look(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  if (!run.arga) return { run };
  const watched = run.phase.name === "ending" ? undefined : await watchedFor(deps, run);
  if (watched !== undefined) return { run, requeueAt: Date.now() + watched, isWatched: true };
  const done = await observe(deps, run);
  if (done.requeueAt !== undefined || isEnded(done.run)) return done;
  const followed = await deps.followers.follow(done.run);
  return followed === undefined ? done : { run: done.run, requeueAt: Date.now() + followed };
}

/** How long it is certain that someone else watches the run, in ms; undefined: nobody does. */
async function watchedFor(deps: ArgaDeps, run: Run): Promise<number | undefined> {
  const kind = kindOf(run);
  if (kind.follow) return await deps.followers.followedFor(run);
  if (!kind.listRuns) return undefined;
  const isNew = Date.now() - (run.startedAt ?? 0) < NEW_MS;
  await deps.queues[isNew ? "enqueue" : "ensureEnqueued"]("watch", { team: run.team, id: kind.kind });
  return WATCHED_MS;
}

/** The list shows it; this is only in case that its watch was lost, in ms. */
const WATCHED_MS = 60_000;
/** A run so young is not left to the pace of older ones, in ms. */
const NEW_MS = 3_000;

/** Looks at the run and notes what it finds; `stamp` is what a list said of it, for the next comparison. */
export async function observe(deps: ArgaDeps, run: Run, stamp?: string): Promise<ArgaResult> {
  return await observeWith(deps, run, (found) =>
    recordObservation(deps, run, stamp === undefined ? found : { ...found, arga: { ...found.arga, stamp } }),
  );
}

/** Looks at a run for one who follows it, and leaves its end to be noted when all was read; whether it goes on. */
export async function observeForFollower(deps: ArgaDeps, run: Run): Promise<boolean> {
  let isOver = false;
  await observeWith(deps, run, async (found) => {
    isOver = found.state === "ended";
    return isOver ? run : await recordObservation(deps, run, found);
  });
  return !isOver;
}

async function observeWith(
  deps: ArgaDeps,
  run: Run,
  use: (found: Observation) => Promise<Run>,
): Promise<ArgaResult> {
  if (!run.arga) return { run };
  try {
    return { run: await use(interpret(run, await kindOf(run).observe(deps.arga, run.arga, deps.signal))) };
  } catch (error) {
    if (!(error instanceof ArgaError)) throw error;
    const ended = endOf(run, error) ?? longOver(run);
    if (ended) return { run: await use(ended) };
    const troubled = await noteTrouble(deps, run, error);
    // Arga's silence does not excuse ours: the end is as near as it was.
    return {
      run: await updateRun(deps, troubled, (now) => reminded(now, Date.now())),
      requeueAt: retryAt(run, error),
    };
  }
}

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

/** A word that nobody knows may well be a last one. */
const isSilent = (run: Run, seen: Observation, now: number): boolean =>
  run.ttlMinutes === undefined &&
  seen.state !== "ended" &&
  now - (run.newsAt ?? run.startedAt ?? now) > (seen.isOdd ? SILENT_MS.odd : SILENT_MS.known);

const silence = ({ arga, isOdd }: Observation): string =>
  `Arga calls it "${arga.status}"${isOdd ? ", a word that this bot does not know" : ""}, and has shown nothing new of it for ${isOdd ? "half an hour" : "a day"}. It is not watched any more.`;

/** Where Arga says nothing of the end, the time that was asked for counts from the request: a reminder is better than none. */
const withEnd = (deps: ArgaDeps, run: Run, now: number): Run =>
  run.phase.name === "ready" && !run.deadline
    ? extendedTo(run, expectedEnd(run), now, deps.remindBeforeMs)
    : run;

export const recordObservation = (deps: ArgaDeps, run: Run, seen: Observation): Promise<Run> =>
  updateRun(deps, run, (now) => {
    const at = Date.now();
    const next = reminded(withEnd(deps, observed(now, seen, at, deps.remindBeforeMs), at), at);
    if (isSame(now, next)) return now;
    const news = { ...next, newsAt: at };
    // In one write with the end, so that the thread hears of who asked for it before it hears of it.
    return isEnded(news) ? tooLate(news) : news;
  });

/** A look that found nothing new writes nothing. */
const isSame = (before: Run, after: Run): boolean => JSON.stringify(before) === JSON.stringify(after);

/** 410: destroyed after its time. 404: Arga does not have it any more. */
function endOf(run: Run, error: ArgaError): Observation | undefined {
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

/** Arga has not been heard of for a day since its time was up: it is not asked for ever. */
function longOver(run: Run): Observation | undefined {
  if (!run.deadline || Date.now() < run.deadline.at + 24 * 3600 * SECOND) return undefined;
  const why = "Arga could not be asked any more after its time was up.";
  return {
    state: "ended",
    outcome: "expired",
    why,
    arga: { ...run.arga, status: run.arga?.status ?? "", links: [] },
  };
}

const SECOND = 1_000;

/** When to look next if nobody asks for anything: often while it changes, rarely while it only grows older. */
function nextLookAt(run: Run, now: number): number | undefined {
  const { phase, deadline } = run;
  switch (phase.name) {
    // Slack's side says when the card stands; if it died on the way, this finds out.
    case "requested":
      return now + 15 * SECOND;
    case "creating":
    case "ended":
      return undefined;
    case "starting":
    case "running":
    case "ending":
      return now + jittered(pace(now - phase.since));
    case "ready":
      return Math.min(now + jittered(30 * SECOND), ...(deadline ? moments(deadline, now) : []));
  }
}

/** The reminder, the end, and after it as often as while starting, until Arga says that it ended. */
function moments(deadline: NonNullable<Run["deadline"]>, now: number): number[] {
  if (now >= deadline.at) return [now + jittered(pace(now - deadline.at))];
  const end = deadline.at + 250;
  return deadline.reminded || deadline.remindAt <= now ? [end] : [deadline.remindAt, end];
}

function pace(age: number): number {
  if (age < 30 * SECOND) return SECOND;
  if (age < 120 * SECOND) return 2 * SECOND;
  return age < 600 * SECOND ? 5 * SECOND : 30 * SECOND;
}

const jittered = (ms: number): number => ms * (0.85 + Math.random() * 0.3);
