import type { ProofFile, Run } from "../runs/run.ts";
import { link, safe } from "./text.ts";

/** What stands above the pictures of a failure; what couldn't be shown is linked. */
export function proofComment(run: Run, files: readonly ProofFile[]): string {
  const failed = run.progress?.failed;
  const of = failed ? ` at *${safe(failed.text, 200) || "the failed step"}*` : "";
  const links = proofLinks(files.filter(({ isLink }) => isLink));
  return `What it saw${of}${links ? ` · ${links}` : ""}`;
}

/** The same where none could be shown. */
export const linkedProof = (run: Run, files: readonly ProofFile[]): string =>
  `${proofComment(run, [])}: ${proofLinks(files)}`;

const proofLinks = (files: readonly ProofFile[]): string =>
  files
    .map(({ url, name }) => link(url, `${name} ↗`))
    .filter((words) => words !== "")
    .join(" · ");
