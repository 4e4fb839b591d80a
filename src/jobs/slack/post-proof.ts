import * as z from "zod";
import { sharedFiles } from "../../delivery/read-back.ts";
import { retryAt } from "../../delivery/retry.ts";
import { isProofDue, proofFileSettled, proofLinked, proofSharing, proofShown } from "../../runs/proof.ts";
import type { Proof, ProofFile, Run } from "../../runs/run.ts";
import { channelError } from "../../slack/channel-errors.ts";
import { SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Caller, filesLane, type Lane, postLane, readLane } from "../../slack/pacer.ts";
import { proofComment } from "../../views/proof.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, updateRun } from "./deps.ts";

/** What Arga can't give in this time after the end is linked; in ms. */
const GIVE_UP_MS = 5 * 60_000;
const AGAIN_MS = 5_000;
/** Slack shares files some time after it said yes. They're looked for after the first, and given up after the second; in ms. */
const SHARED = { afterMs: 3_000, withinMs: 20_000 };

const uploadPlace = z.object({ upload_url: z.string(), file_id: z.string().min(1) });

const METHOD = { begin: "files.getUploadURLExternal", end: "files.completeUploadExternal" } as const;

/** Work on what shows a failure, if there's any. */
export const showProof = (deps: SlackDeps, run: Run): Promise<RunResult> | undefined =>
  run.proof && isProofDue(run) ? nextPart(deps, run, run.proof) : undefined;

/** Brings one file to Slack, or shares those that are there. A process that dies in between goes on where it was. */
async function nextPart(deps: SlackDeps, run: Run, proof: Proof): Promise<RunResult> {
  if (proof.sharingSince !== undefined) return await findShared(deps, run, proof);
  const next = proof.files.find(({ fileId, isLink }) => fileId === undefined && !isLink);
  if (next) return await bring(deps, run, next);
  return proof.files.some(({ fileId }) => fileId !== undefined)
    ? await share(deps, run, proof)
    : { run: await updateRun(deps, run, proofLinked) };
}

/** Nobody sees what is brought but not shared, so that doing it twice does no harm. */
async function bring(deps: SlackDeps, run: Run, file: ProofFile): Promise<RunResult> {
  const lane = filesLane(METHOD.begin);
  const wait = await deps.pacer.acquire(lane, callerOf(run));
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const bytes = await deps.readArtifact(file.url);
  if (bytes === "passing" && run.phase.name === "ended" && Date.now() - run.phase.at < GIVE_UP_MS)
    return { run, requeueAt: Date.now() + AGAIN_MS };
  if (typeof bytes === "string") return { run: await settle(deps, run, file, { isLink: true }) };
  try {
    const named = { filename: file.name, length: bytes.length };
    const begun = await deps.slack.call(run.team, METHOD.begin, named);
    const { upload_url: url, file_id: fileId } = uploadPlace.parse(begun);
    await deps.slack.upload(url, file.name, bytes);
    return { run: await settle(deps, run, file, { fileId }) };
  } catch (error) {
    return await notTaken(deps, run, { lane, error });
  }
}

const settle = (
  deps: SlackDeps,
  run: Run,
  { url }: ProofFile,
  as: Pick<ProofFile, "fileId" | "isLink">,
): Promise<Run> => updateRun(deps, run, (now) => proofFileSettled(now, url, as));

/** The intent is written before: whoever finds it looks into the thread first. */
async function share(deps: SlackDeps, run: Run, { files }: Proof): Promise<RunResult> {
  const wait = await deps.pacer.acquirePost(run.channel, callerOf(run));
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const since = Date.now();
  const sharing = await updateRun(deps, run, (now) =>
    now.proof?.sharingSince === undefined ? proofSharing(now, since) : now,
  );
  // Otherwise another worker is at it.
  if (sharing.proof?.sharingSince !== since) return { run: sharing };
  const known = files.filter(({ fileId }) => fileId !== undefined);
  try {
    await deps.slack.call(run.team, METHOD.end, {
      files: known.map(({ fileId, name }) => ({ id: fileId, title: name })),
      channel_id: run.channel,
      thread_ts: threadOf(run),
      initial_comment: proofComment(run, files),
    });
  } catch (error) {
    if (error instanceof SlackUnclear) return { run: sharing, requeueAt: since + SHARED.afterMs };
    const free = await updateRun(deps, sharing, (now) => proofSharing(now, undefined));
    return await notTaken(deps, free, { lane: postLane(run.channel), error });
  }
  return { run: await updateRun(deps, sharing, proofShown) };
}

async function findShared(deps: SlackDeps, run: Run, { files, sharingSince = 0 }: Proof): Promise<RunResult> {
  const ripe = sharingSince + SHARED.afterMs;
  if (Date.now() < ripe) return { run, requeueAt: ripe };
  const lane = readLane("conversations.replies");
  const wait = await deps.pacer.acquire(lane, callerOf(run));
  if (wait > 0) return { run, requeueAt: Date.now() + wait };
  const ids = files.flatMap(({ fileId }) => fileId ?? []);
  const thread = { team: run.team, channel: run.channel, threadTs: threadOf(run), since: sharingSince };
  try {
    if (await sharedFiles(deps.slack, thread, ids)) return { run: await updateRun(deps, run, proofShown) };
  } catch (error) {
    const isUnreadable = error instanceof SlackRefused && channelError(error.error).isUnreadable;
    if (!isUnreadable) return { run, requeueAt: await retryAt(deps, { caller: callerOf(run), lane, error }) };
    // It can't be known. The card and the end say what failed, so that a picture less is better than two.
    return { run: await updateRun(deps, run, proofShown) };
  }
  if (Date.now() < sharingSince + SHARED.withinMs) return { run, requeueAt: Date.now() + SHARED.afterMs };
  return { run: await updateRun(deps, run, (now) => proofSharing(now, undefined)) };
}

interface Failed {
  lane: Lane;
  error: unknown;
}

/** What Slack refuses (most often for want of `files:write`) is linked. */
async function notTaken(deps: SlackDeps, run: Run, { lane, error }: Failed): Promise<RunResult> {
  if (!(error instanceof SlackRefused))
    return { run, requeueAt: await retryAt(deps, { caller: callerOf(run), lane, error }) };
  deps.logger.info({ run: run.id, why: error.error }, "Slack doesn't take the pictures; linking them");
  return { run: await updateRun(deps, run, proofLinked) };
}

const threadOf = ({ threadTs, card }: Run): string | undefined =>
  threadTs ?? (card.state === "posted" ? card.ts : undefined);

const callerOf = ({ team, id, requester }: Run): Caller => ({
  team,
  who: `${id}:proof`,
  forWhom: requester.id,
  minor: true,
});
