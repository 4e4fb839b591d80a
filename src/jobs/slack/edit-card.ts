import { CARD_KEY, metadataOf } from "../../delivery/read-back.ts";
import type { Run } from "../../runs/run.ts";
import { cardMoved } from "../../runs/transitions.ts";
import { SlackRefused } from "../../slack/errors.ts";
import { editLane } from "../../slack/pacer.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, tryAgain, updateRun } from "./deps.ts";
import { drawCard } from "./draw-card.ts";

/** Changes within this time become one edit, but for the two that people wait for. */
const EDIT_GAP_MS = 1_000;

/** Edits the card to what the record says, when it is time; an edit may be sent twice. */
export async function editCard(deps: SlackDeps, run: Run): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  const early = dueAt(run.card.at, run);
  if (early > Date.now()) return { run, requeueAt: early };
  const { ts } = run.card;
  const urgent = run.phase.name === "ended";
  const wait = await deps.pacer.acquire(editLane, {
    team: run.team,
    who: run.id,
    forWhom: run.requester.id,
    urgent,
  });
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const { content, hash } = drawCard(deps, run);
  const args = { channel: run.channel, ts, content, metadata: metadataOf(run, "card", CARD_KEY) };
  try {
    await deps.sender.send(run.team, "chat.update", args);
  } catch (error) {
    return await editFailed(deps, run, error);
  }
  noteLag(deps, run);
  const shown = run.phase.name;
  return {
    run: await updateRun(deps, run, (now) =>
      cardMoved(now, { state: "posted", ts, hash, shown, at: Date.now() }),
    ),
  };
}

/** When a card may be edited that was edited last at `editedAt`. */
function dueAt(editedAt: number, run: Run): number {
  const { name } = run.phase;
  return (name === "ready" || name === "ended") && isNewPhase(run) ? 0 : editedAt + EDIT_GAP_MS;
}

const isNewPhase = ({ card, phase }: Run): boolean => card.state === "posted" && card.shown !== phase.name;

function noteLag(deps: SlackDeps, run: Run): void {
  if (!isNewPhase(run)) return;
  const { phase } = run;
  const since = phase.name === "ended" ? phase.at : "since" in phase ? phase.since : undefined;
  if (since !== undefined) deps.onLag((Date.now() - since) / 1000);
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
