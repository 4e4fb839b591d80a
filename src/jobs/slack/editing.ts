import { CARD_KEY, metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import type { Run } from "../../runs/run.ts";
import { cardMoved } from "../../runs/transitions.ts";
import { SlackRefused } from "../../slack/errors.ts";
import { editLane } from "../../slack/pacer.ts";
import { card, hashOf } from "../../views/card.ts";
import { change, contextOf, type Result, retryLater, type SlackSide } from "./deps.ts";

/** Edits the card to what the record says; an edit may be sent twice. */
export async function editCard(side: SlackSide, run: Run): Promise<Result> {
  if (run.card.state !== "posted") return { run };
  const { ts } = run.card;
  const isEnd = run.phase.name === "ended";
  const wait = await side.pacer.acquire(editLane, { team: run.team, who: run.id, urgent: isEnd });
  if (wait > 0) return { run, again: Date.now() + wait };
  const content = card(run, contextOf(side));
  const args = { channel: run.channel, ts, content, metadata: metadataOf(run, "card", CARD_KEY) };
  try {
    await sendContent(side, run.team, "chat.update", args);
  } catch (error) {
    return await editFailed(side, run, error);
  }
  noteLag(side, run);
  const shown = run.phase.name;
  return {
    run: await change(side, run, (now) =>
      cardMoved(now, { state: "posted", ts, hash: hashOf(content), shown, at: Date.now() }),
    ),
  };
}

function noteLag(side: SlackSide, { card, phase }: Run): void {
  if (card.state !== "posted" || card.shown === phase.name) return;
  const since = phase.name === "ended" ? phase.at : "since" in phase ? phase.since : undefined;
  if (since !== undefined) side.onLag((Date.now() - since) / 1000);
}

/** The card cannot be edited any more: someone deleted it, or Slack's edit window is over. */
const CARD_LOST = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

async function editFailed(side: SlackSide, run: Run, error: unknown): Promise<Result> {
  if (error instanceof SlackRefused && CARD_LOST.has(error.error)) {
    side.logger.warn({ run: run.id, why: error.error }, "The card is gone; a new one is posted");
    return { run: await change(side, run, (now) => cardMoved(now, { state: "due" })) };
  }
  return await retryLater(side, run, editLane, error);
}
