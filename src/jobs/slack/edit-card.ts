import { CARD_KEY, metadataOf } from "../../delivery/read-back.ts";
import type { PhaseName, PostedCard, Run } from "../../runs/run.ts";
import { cardMoved } from "../../runs/transitions.ts";
import { SlackRefused } from "../../slack/errors.ts";
import { editLane, type Spare, spareEdits } from "../../slack/pacer.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, tryAgain, updateRun } from "./deps.ts";
import { drawCard } from "./draw-card.ts";

/** Changes within this time become one edit, but for those that people wait for. */
const EDIT_GAP_MS = 1_000;

/** Edits the card to what the record says, when it is time; an edit may be sent twice. */
export async function editCard(deps: SlackDeps, run: Run): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  const spare = isAwaited(run) ? undefined : await spareFor(deps);
  const early = isTurn(run) ? 0 : run.card.at + (spare?.gapMs ?? EDIT_GAP_MS);
  if (early > Date.now()) return { run, requeueAt: early };
  const { ts } = run.card;
  const urgent = run.phase.name === "ended";
  const caller = { team: run.team, who: run.id, forWhom: run.requester.id, urgent };
  const wait = await deps.pacer.acquireEdit(caller, isTurn(run) ? "turn" : spare);
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const { content, hash } = drawCard(deps, run);
  const args = { channel: run.channel, ts, content, metadata: metadataOf(run, "card", CARD_KEY) };
  try {
    await deps.sender.send(run.team, "chat.update", args);
  } catch (error) {
    return await editFailed(deps, run, error);
  }
  noteLag(deps, run);
  const card: PostedCard = { state: "posted", ts, hash, ...shownOf(run), at: Date.now() };
  return { run: await updateRun(deps, run, (now) => cardMoved(now, card)) };
}

/** What a card that is drawn of a run shows of it. */
export const shownOf = (run: Run): Pick<PostedCard, "shown" | "failed"> => ({
  shown: run.phase.name,
  ...(run.progress?.failed ? { failed: true } : {}),
});

/** What people wait for most is shown at once: that it's ready, that it's over, that a step failed. */
const isTurn = (run: Run): boolean =>
  isNewFailure(run) || (isNewPhase(run) && (run.phase.name === "ready" || run.phase.name === "ended"));

const isNewFailure = ({ card, progress }: Run): boolean =>
  progress?.failed !== undefined && card.state === "posted" && !card.failed;

/** Whether people wait for this edit: a turn, or what became of a press. Otherwise it shows how far Arga has come. */
const isAwaited = (run: Run): boolean =>
  isNewFailure(run) || run.actionRequests.length > 0 || !ON_THE_WAY.has(run.phase.name);

const ON_THE_WAY: ReadonlySet<PhaseName> = new Set(["requested", "creating", "starting", "running"]);

/** A run that was asked for within this time may soon come to a turn, in ms. */
const YOUNG_MS = 120_000;

/** What the turns of young runs leave for everything else. */
export const spareFor = async ({ store }: SlackDeps): Promise<Spare> =>
  spareEdits(await store.liveSince(Date.now() - YOUNG_MS));

const isNewPhase = ({ card, phase }: Run): boolean => card.state === "posted" && card.shown !== phase.name;

function noteLag(deps: SlackDeps, run: Run): void {
  if (!isNewPhase(run)) return;
  const { phase } = run;
  const since = phase.name === "ended" ? phase.at : "since" in phase ? phase.since : undefined;
  if (since !== undefined) deps.lag.observe((Date.now() - since) / 1000);
}

/** A message cannot be edited any more: someone deleted it, or Slack's edit window is over. */
export const MESSAGE_LOST = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

async function editFailed(deps: SlackDeps, run: Run, error: unknown): Promise<RunResult> {
  if (error instanceof SlackRefused && MESSAGE_LOST.has(error.error)) {
    deps.logger.warn({ run: run.id, why: error.error }, "Card can't be edited any more; posting a new one");
    return { run: await updateRun(deps, run, (now) => cardMoved(now, { state: "due" })) };
  }
  return await tryAgain(deps, run, { lane: editLane, error });
}
