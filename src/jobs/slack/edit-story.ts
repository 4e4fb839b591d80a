import { metadataOf } from "../../delivery/read-back.ts";
import { STORY_KEY } from "../../runs/outbox.ts";
import { stepsTold, storyPosted } from "../../runs/progress.ts";
import type { Run } from "../../runs/run.ts";
import { SlackRefused } from "../../slack/errors.ts";
import { editLane } from "../../slack/pacer.ts";
import { storyMessage } from "../../views/thread-messages.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, tryAgain, updateRun } from "./deps.ts";
import { MESSAGE_LOST, spareFor } from "./edit-card.ts";

/** Steps that come within this time, in ms, become one edit: cards need the workspace's edits more. */
const EDIT_GAP_MS = 5_000;

/** Edits the thread's message about steps to what is known now, when it is time; an edit may be sent twice. */
export async function editStory(deps: SlackDeps, run: Run): Promise<RunResult> {
  const { story } = run;
  if (!story?.posted) return { run };
  const { ts, at } = story.posted;
  const spare = await spareFor(deps);
  const early = run.phase.name === "ended" ? 0 : at + Math.max(EDIT_GAP_MS, spare.gapMs);
  if (early > Date.now()) return { run, requeueAt: early };
  const caller = { team: run.team, who: `${run.id}:${STORY_KEY}`, forWhom: run.requester.id };
  const wait = await deps.pacer.acquireEdit(caller, spare);
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const metadata = metadataOf(run, "thread", STORY_KEY);
  const args = { channel: run.channel, ts, content: storyMessage(story), metadata };
  try {
    await deps.sender.send(run.team, "chat.update", args);
  } catch (error) {
    const isLost = error instanceof SlackRefused && MESSAGE_LOST.has(error.error);
    if (!isLost) return await tryAgain(deps, run, { lane: editLane, error });
    // Somebody deleted it: the logs have the steps as well.
    deps.logger.info({ run: run.id }, "The message about steps can't be edited any more");
  }
  const count = stepsTold(story);
  return { run: await updateRun(deps, run, (now) => storyPosted(now, { ts, count, at: Date.now() })) };
}
