import { CARD_KEY, metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import type { Run } from "../../runs/run.ts";
import { cardMoved } from "../../runs/transitions.ts";
import { SlackRefused } from "../../slack/errors.ts";
import { editLane } from "../../slack/pacer.ts";
import { card, hashOf } from "../../views/card.ts";
import { contextOf, type RunResult, retryLater, type SlackDeps, updateRun } from "./deps.ts";

/** Edits the card to what the record says; an edit may be sent twice. */
export async function editCard(deps: SlackDeps, run: Run): Promise<RunResult> {
  if (run.card.state !== "posted") return { run };
  const { ts } = run.card;
  const isEnd = run.phase.name === "ended";
  const wait = await deps.pacer.acquire(editLane, { team: run.team, who: run.id, urgent: isEnd });
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const content = card(run, contextOf(deps));
  const args = { channel: run.channel, ts, content, metadata: metadataOf(run, "card", CARD_KEY) };
  try {
    await sendContent(deps, run.team, "chat.update", args);
  } catch (error) {
    return await editFailed(deps, run, error);
  }
  noteLag(deps, run);
  const shown = run.phase.name;
  return {
    run: await updateRun(deps, run, (now) =>
      cardMoved(now, { state: "posted", ts, hash: hashOf(content), shown, at: Date.now() }),
    ),
  };
}

function noteLag(deps: SlackDeps, { card, phase }: Run): void {
  if (card.state !== "posted" || card.shown === phase.name) return;
  const since = phase.name === "ended" ? phase.at : "since" in phase ? phase.since : undefined;
  if (since !== undefined) deps.onLag((Date.now() - since) / 1000);
}

/** The card cannot be edited any more: someone deleted it, or Slack's edit window is over. */
const CARD_LOST = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

async function editFailed(deps: SlackDeps, run: Run, error: unknown): Promise<RunResult> {
  if (error instanceof SlackRefused && CARD_LOST.has(error.error)) {
    deps.logger.warn({ run: run.id, why: error.error }, "The card is gone; a new one is posted");
    return { run: await updateRun(deps, run, (now) => cardMoved(now, { state: "due" })) };
  }
  return await retryLater(deps, run, editLane, error);
}
