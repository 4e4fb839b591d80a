import { CARD_DELAYED_KEY } from "../../runs/outbox.ts";
import type { Run, ThreadMessage } from "../../runs/run.ts";
import { abandoned, cardDelayed } from "../../runs/transitions.ts";
import { changesAt, SILENCE_MS } from "../../views/card.ts";
import { changedSince, type ReconcileResult, type Reconciler } from "../reconciler.ts";
import { postSourceThread } from "./also.ts";
import { isCardStale, type RunResult, type SlackDeps, updateRun } from "./deps.ts";
import { editCard } from "./editing.ts";
import { replyToPerson } from "./personal.ts";
import { postCard, postThreadMessage } from "./posting.ts";

/** Work that is due. Pieces of one `lane` are done in order; a lane that waits holds up no other. */
interface Work {
  lane: "channel" | "edit" | "notices" | "personal" | "source";
  perform: (deps: SlackDeps, run: Run) => Promise<RunResult>;
}

/** A run whose names could not be checked within this time gets its card all the same, so that someone hears of it. */
const CARD_WITHOUT_CHECK_MS = 2_500;
const ROUNDS = 20;

/** Brings Slack in line with a run's record: card, thread, and answers to single people. */
export const reconcileSlack =
  (deps: SlackDeps): Reconciler =>
  async (ref) => {
    const run = await deps.store.get(ref);
    if (!run) return undefined;
    return await workOff(deps, isAbandoned(run) ? await updateRun(deps, run, abandoned) : run);
  };

async function workOff(deps: SlackDeps, from: Run): Promise<ReconcileResult> {
  let run = from;
  const waits = new Map<Work["lane"], number>();
  for (let round = 0; round < ROUNDS; round++) {
    const work = dueWork(deps, run).find(({ lane }) => !waits.has(lane));
    if (!work) return outlook(deps, run, [...waits.values()]);
    const result = await work.perform(deps, run);
    run = result.run;
    if (result.requeueAt !== undefined) waits.set(work.lane, result.requeueAt);
  }
  // Enough for one job; the rest is for another, so that no run keeps a worker.
  return { requeueAt: Date.now(), isStale: changedSince(deps.store, run, slackFingerprint) };
}

/** What could not be told for this long after the end will not be. */
const ABANDON_AFTER_MS = 24 * 3600_000;

const isAbandoned = ({ phase, card }: Run): boolean =>
  phase.name === "ended" && card.state !== "none" && Date.now() - phase.at > ABANDON_AFTER_MS;

/** What this side depends on: everything shows. */
const slackFingerprint = (run: Run): string => String(run.version);

function outlook(deps: SlackDeps, run: Run, waits: number[]): ReconcileResult {
  const moments = [...waits, ...later(run, Date.now())];
  const requeueAt = moments.length > 0 ? Math.min(...moments) : undefined;
  deps.logger.trace({ run: run.id, phase: run.phase.name, requeueAt }, "Slack side looked at");
  return {
    isStale: changedSince(deps.store, run, slackFingerprint),
    ...(requeueAt === undefined ? {} : { requeueAt }),
  };
}

/** When something becomes due without anything having happened. */
function later(run: Run, now: number): number[] {
  const moments =
    run.card.state === "due" || run.card.state === "sending"
      ? [run.requestedAt + CARD_WITHOUT_CHECK_MS, run.requestedAt + SILENCE_MS].filter((at) => at > now)
      : [];
  const story = run.outbox.find((message) => message.to === "thread");
  const others = [changesAt(run, now) ?? 0, story ? gatheredAt(run, story) : 0];
  return [...moments, ...others.filter((at) => at > now)];
}

/** Changes within this time become one edit, but for the two that people wait for. */
const EDIT_GAP_MS = 1_000;

/** When a card that is out of date may be edited. */
function editAt({ card, phase }: Run): number {
  if (card.state !== "posted") return Number.POSITIVE_INFINITY;
  const isAwaited = (phase.name === "ready" || phase.name === "ended") && card.shown !== phase.name;
  return isAwaited ? 0 : card.at + EDIT_GAP_MS;
}

function dueWork(deps: SlackDeps, run: Run): Work[] {
  const work: Work[] = [];
  if (wantsCard(run)) work.push({ lane: "channel", perform: postCard });
  const next = run.outbox.find((message) => message.to === "thread");
  if (next && run.card.state === "posted" && gatheredAt(run, next) <= Date.now())
    work.push({ lane: "channel", perform: (s, r) => postThreadMessage(s, r, next) });
  const broadcast = run.outbox.find((message) => message.to === "subscribers");
  if (broadcast && run.card.state !== "due" && run.card.state !== "sending")
    work.push({ lane: "notices", perform: async (s, r) => ({ run: await s.expand(r, broadcast) }) });
  const source = run.outbox.find((message) => message.to === "source");
  if (source && run.card.state !== "due" && run.card.state !== "sending")
    work.push({ lane: "source", perform: (s, r) => postSourceThread(s, r, source) });
  if (isCardStale(deps, run)) work.push({ lane: "edit", perform: editInTime });
  if (isCardDelayed(run))
    work.push({
      lane: "personal",
      perform: async (s, r) => ({ run: await updateRun(s, r, (now) => cardDelayed(now, Date.now())) }),
    });
  const personal = run.outbox.find((message) => message.to === "person");
  if (personal) work.push({ lane: "personal", perform: (s, r) => replyToPerson(s, r, personal) });
  return work;
}

/** Steps are told a few at a time: in ms from the first of them, or at once with the end. */
const GATHER_MS = 2_500;

const gatheredAt = ({ phase }: Run, { what }: ThreadMessage): number =>
  what.type === "steps" && phase.name !== "ended" ? what.since + GATHER_MS : 0;

const editInTime: Work["perform"] = async (deps, run) => {
  const at = editAt(run);
  return at > Date.now() ? { run, requeueAt: at } : await editCard(deps, run);
};

const isCardDelayed = ({ card, phase, requestedAt, seenKeys }: Run): boolean =>
  phase.name === "requested" &&
  (card.state === "due" || card.state === "sending") &&
  Date.now() - requestedAt >= SILENCE_MS &&
  !seenKeys.includes(CARD_DELAYED_KEY);

function wantsCard({ card, phase, requestedAt }: Run): boolean {
  if (card.state === "sending") return true;
  if (card.state !== "due") return false;
  const isChecked = phase.name !== "requested" || phase.checked;
  return isChecked || Date.now() - requestedAt >= CARD_WITHOUT_CHECK_MS;
}
