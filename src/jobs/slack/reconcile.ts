import { CARD_DELAYED_KEY, messageSent } from "../../runs/outbox.ts";
import type { Message, Run, SubscriberMessage, ThreadMessage } from "../../runs/run.ts";
import { abandoned, cardDelayed } from "../../runs/transitions.ts";
import { SILENCE_MS } from "../../views/card.ts";
import { changedSince, type ReconcileResult, type Reconciler, type RunResult } from "../reconciler.ts";
import { isCardStale, isStoryStale, type SlackDeps, updateRun } from "./deps.ts";
import { editCard } from "./edit-card.ts";
import { editStory } from "./edit-story.ts";
import { placed } from "./place.ts";
import { postCard } from "./post-card.ts";
import { postSourceThread, postThreadMessage } from "./post-message.ts";
import { showProof } from "./post-proof.ts";
import { replyToRequester } from "./reply.ts";

/** A run whose names could not be checked within this time gets its card all the same, so that someone hears of it. */
const CARD_WITHOUT_CHECK_MS = 2_500;
const ROUNDS = 20;

/** Brings Slack in line with a run's record: card, thread, and answers to single people. */
export const reconcileSlack =
  (deps: SlackDeps): Reconciler<ReconcileResult & RunResult> =>
  async (ref) => {
    const run = await deps.store.get(ref);
    if (!run) return undefined;
    return await workOff(
      deps,
      isAbandoned(run) ? await updateRun(deps, run, abandoned) : await placed(deps, run),
    );
  };

/** What could not be told for this long after the end will not be. */
const ABANDON_AFTER_MS = 24 * 3600_000;

const isAbandoned = ({ phase, card }: Run): boolean =>
  phase.name === "ended" && card.state !== "none" && Date.now() - phase.at > ABANDON_AFTER_MS;

async function workOff(deps: SlackDeps, from: Run): Promise<ReconcileResult & RunResult> {
  let run = from;
  const waits = new Map<Lane, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const now = Date.now();
    const next = nextWork(deps, run, waits);
    if (!next) return await settled(deps, run, [...waits.values(), ...later(deps, run, now)]);
    const { run: after, requeueAt } = await next.done;
    run = after;
    if (requeueAt !== undefined) waits.set(next.lane, requeueAt);
  }
  // Enough for one job; the rest is for another, so that no run keeps a worker.
  return { run, requeueAt: Date.now() };
}

async function settled(deps: SlackDeps, run: Run, moments: number[]): Promise<ReconcileResult & RunResult> {
  const requeueAt = moments.length > 0 ? Math.min(...moments) : undefined;
  // The sweep needn't have it looked at again. Nor does it know of a run that is over.
  if (requeueAt === undefined && run.phase.name !== "ended") await deps.store.noteTold(run);
  deps.logger.trace({ run: run.id, phase: run.phase.name, requeueAt }, "Reconciled Slack");
  const isStale = changedSince(deps.store, run);
  return { run, isStale, ...(requeueAt === undefined ? {} : { requeueAt }) };
}

/** When something becomes due without anything having happened, of what wasn't due at `now`. */
function later({ drawn }: SlackDeps, run: Run, now: number): number[] {
  const card = isCardDue(run) ? [run.requestedAt + CARD_WITHOUT_CHECK_MS, run.requestedAt + SILENCE_MS] : [];
  const gathering = firstTo(run, "thread");
  const moments = [...card, drawn.get(run)?.until ?? 0, gathering ? gatheredAt(run, gathering) : 0];
  return moments.filter((at) => at > now);
}

/** Work of one lane is done in order; a lane that waits holds up no other. */
type Lane = "channel" | "edit" | "story" | "notices" | "personal" | "source" | "proof";

/** Begins a piece of work if it is due. */
type Work = (deps: SlackDeps, run: Run) => Promise<RunResult> | undefined;

/** In the order in which it is done. */
const WORK: readonly { lane: Lane; begin: Work }[] = [
  { lane: "channel", begin: (deps, run) => (wantsCard(run) ? postCard(deps, run) : undefined) },
  { lane: "channel", begin: tellThread },
  { lane: "notices", begin: tellSubscribers },
  { lane: "source", begin: tellSourceThread },
  { lane: "edit", begin: (deps, run) => (isCardStale(deps, run) ? editCard(deps, run) : undefined) },
  { lane: "story", begin: (deps, run) => (isStoryStale(run) ? editStory(deps, run) : undefined) },
  { lane: "personal", begin: (deps, run) => (isCardDelayed(run) ? sayCardIsDelayed(deps, run) : undefined) },
  { lane: "personal", begin: tellPerson },
  { lane: "proof", begin: showProof },
];

function nextWork(
  deps: SlackDeps,
  run: Run,
  waits: ReadonlyMap<Lane, number>,
): { lane: Lane; done: Promise<RunResult> } | undefined {
  for (const { lane, begin } of WORK) {
    const done = waits.has(lane) ? undefined : begin(deps, run);
    if (done) return { lane, done };
  }
  return undefined;
}

const isCardDue = ({ card }: Run): boolean => card.state === "due" || card.state === "sending";

function wantsCard({ card, phase, requestedAt }: Run): boolean {
  if (card.state === "sending") return true;
  if (card.state !== "due") return false;
  const isChecked = phase.name !== "requested" || phase.checked;
  return isChecked || Date.now() - requestedAt >= CARD_WITHOUT_CHECK_MS;
}

function tellThread(deps: SlackDeps, run: Run): Promise<RunResult> | undefined {
  const message = run.card.state === "posted" ? firstTo(run, "thread") : undefined;
  const isDue = message !== undefined && gatheredAt(run, message) <= Date.now();
  if (!isDue) return undefined;
  return postThreadMessage(deps, run, message);
}

/** Steps are told a few at a time: in ms from the first of them, or at once with the end. */
const GATHER_MS = 2_500;

const gatheredAt = ({ phase }: Run, { what }: ThreadMessage): number =>
  what.type === "steps" && phase.name !== "ended" ? what.since + GATHER_MS : 0;

function tellSubscribers(deps: SlackDeps, run: Run): Promise<RunResult> | undefined {
  const message = isCardDue(run) ? undefined : firstTo(run, "subscribers");
  return message && announced(deps, run, message);
}

/** A process that dies in between does all of it again, and every channel takes a notice once. */
export async function announced(deps: SlackDeps, run: Run, message: SubscriberMessage): Promise<RunResult> {
  await deps.announce(run, message);
  return { run: await updateRun(deps, run, (now) => messageSent(now, message.key)) };
}

function tellSourceThread(deps: SlackDeps, run: Run): Promise<RunResult> | undefined {
  const message = isCardDue(run) ? undefined : firstTo(run, "source");
  return message && postSourceThread(deps, run, message);
}

const isCardDelayed = (run: Run): boolean =>
  run.phase.name === "requested" &&
  isCardDue(run) &&
  Date.now() - run.requestedAt >= SILENCE_MS &&
  !run.seenKeys.includes(CARD_DELAYED_KEY);

const sayCardIsDelayed = async (deps: SlackDeps, run: Run): Promise<RunResult> => ({
  run: await updateRun(deps, run, (now) => cardDelayed(now, Date.now())),
});

function tellPerson(deps: SlackDeps, run: Run): Promise<RunResult> | undefined {
  const message = firstTo(run, "person");
  return message && replyToRequester(deps, run, message);
}

const firstTo = <To extends Message["to"]>(
  { outbox }: Run,
  to: To,
): Extract<Message, { to: To }> | undefined =>
  outbox.find((message): message is Extract<Message, { to: To }> => message.to === to);
