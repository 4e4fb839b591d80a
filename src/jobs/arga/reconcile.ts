import { kindOf } from "../../kinds/index.ts";
import type { ActionRequest, Run } from "../../runs/run.ts";
import { changedSince, type Reconciler } from "../reconciler.ts";
import { startAtArga } from "./create.ts";
import { type ArgaDeps, type ArgaResult, updateRun } from "./deps.ts";
import { orphaned } from "./lost-create.ts";
import { observe } from "./observe.ts";
import { performAction, tooLate } from "./perform-action.ts";
import { nextLookAt } from "./schedule.ts";

/** Pieces of work in one job. */
const ROUNDS = 20;

/** Brings a run's record in line with Arga, and Arga with what people asked for. */
export const reconcileArga =
  (deps: ArgaDeps): Reconciler =>
  async (ref) => {
    const first = await deps.store.get(ref);
    if (!first) return undefined;
    const { seen, done } = await inRounds(deps, first);
    const { run } = done;
    // Whatever this job wrote, Slack was poked for.
    if (run.version === first.version && isUntold(run)) await deps.queues.ensureEnqueued("slack", run);
    const requeueAt =
      done.requeueAt ??
      (done.more ? Date.now() : nextLookAt(run, Date.now(), deps.lifetimes.likely(run.kind)));
    return {
      isStale: () => isStale(deps, seen, done),
      ...(requeueAt === undefined ? {} : { requeueAt }),
    };
  };

/** One thing after another; `seen` is the record that the last of them began with. */
async function inRounds(deps: ArgaDeps, first: Run): Promise<{ seen: Run; done: ArgaResult }> {
  let seen = first;
  let done = await reconcileOnce(deps, seen);
  for (let round = 1; round < ROUNDS && done.more && done.requeueAt === undefined; round++) {
    seen = done.run;
    done = await reconcileOnce(deps, seen);
  }
  return { seen, done };
}

async function isStale(deps: ArgaDeps, seen: Run, { run, isWatched }: ArgaResult): Promise<boolean> {
  if (hasUnseen(seen, run) || (await changedSince(deps.store, run, argaFingerprint)())) return true;
  // Whoever followed it may have stopped, and poked, since.
  return (
    isWatched === true && kindOf(run).follow !== undefined && (await watchedFor(deps, run)) === undefined
  );
}

/** What this reconciler depends on: the phase, the card that must stand before a create, and what people ask for. */
const argaFingerprint = ({ phase, card, actionRequests }: Run): string =>
  [phase.name, card.state === "posted", ...actionRequests.map((request) => request.key)].join();

/** What came in between is in the record since the last write, but hasn't been looked at. */
const hasUnseen = (seen: Run, { actionRequests, card, phase }: Run): boolean =>
  actionRequests.some(({ key }) => seen.actionRequests.every((request) => request.key !== key)) ||
  (phase.name === "requested" && card.state === "posted" && seen.card.state !== "posted");

/** Slack was poked when this was written, unless the process died right then. */
const isUntold = ({ outbox, card, phase }: Run): boolean =>
  outbox.length > 0 || (card.state === "posted" && card.shown !== phase.name);

/** One thing, the most pressing. */
async function reconcileOnce(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  const [request] = run.actionRequests;
  if (run.phase.name === "creating") return await orphaned(deps, run);
  if (run.phase.name === "ended") return await afterEnd(deps, run);
  if (run.phase.name === "requested")
    return request ? await performAction(deps, run, request) : await startAtArga(deps, run);
  return request ? await work(deps, run, request) : await look(deps, run);
}

/** What is kept of a run is asked for when it's over; everything else came too late. */
async function afterEnd(deps: ArgaDeps, run: Run): Promise<ArgaResult> {
  const isLate = run.actionRequests.some(({ action }) => action !== "save");
  const settled = isLate ? await updateRun(deps, run, tooLate) : run;
  const [save] = settled.actionRequests;
  return save ? await performAction(deps, settled, save) : { run: settled };
}

/** What became of a request that was sent shows in a look at Arga; an extend is judged by the newest end. */
async function work(deps: ArgaDeps, run: Run, request: ActionRequest): Promise<ArgaResult> {
  const isNew = request.state.name === "pending";
  const looked = isNew && request.action !== "extend" ? { run } : await observe(deps, run);
  if (looked.run.phase.name === "ended") return looked;
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
  if (done.requeueAt !== undefined || done.run.phase.name === "ended") return done;
  // It's to be created once more.
  if (done.run.phase.name === "requested") return { run: done.run, more: true };
  const followed = await deps.followers.follow(done.run);
  return followed === undefined ? done : { run: done.run, requeueAt: Date.now() + followed };
}

/** For how long a follower or the list is certain to watch the run, in ms; undefined: it isn't. */
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
