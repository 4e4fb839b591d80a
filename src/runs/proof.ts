import { END_KEY, queueThreadMessage } from "./outbox.ts";
import type { ProofFile, Run } from "./run.ts";

/**
 * The pictures of a failure on their way into the thread: each file is first brought to Slack, where nobody sees it yet, and
 * then all are shared in one message. What can't be shown there is linked.
 */

/** Of the message that links what couldn't be shown. */
const PROOF_KEY = "proof";

/** It comes after the end: whoever waits for that doesn't wait for pictures. */
export const isProofDue = ({ proof, outbox, card }: Run): boolean =>
  proof !== undefined && card.state === "posted" && !outbox.some(({ key }) => key === END_KEY);

/** Slack has a file of it, or never will. */
export const proofFileSettled = (run: Run, url: string, as: Pick<ProofFile, "fileId" | "isLink">): Run =>
  run.proof
    ? {
        ...run,
        proof: {
          ...run.proof,
          files: run.proof.files.map((file) =>
            file.url === url && file.fileId === undefined ? { ...file, ...as } : file,
          ),
        },
      }
    : run;

/** It's being shared since then, or isn't any more: then it's tried anew. */
export function proofSharing(run: Run, sharingSince: number | undefined): Run {
  if (!run.proof) return run;
  const { sharingSince: _, ...rest } = run.proof;
  return { ...run, proof: sharingSince === undefined ? rest : { ...rest, sharingSince } };
}

/** It stands in the thread. */
export function proofShown(run: Run): Run {
  const { proof: _, ...rest } = run;
  return rest;
}

/** Slack doesn't take it: the thread links it. */
export const proofLinked = (run: Run): Run =>
  run.proof
    ? queueThreadMessage(proofShown(run), PROOF_KEY, { type: "proof", files: run.proof.files.map(bare) })
    : run;

const bare = ({ url, name }: ProofFile): ProofFile => ({ url, name });
