import type { Artifact } from "../api/artifacts.ts";
import type { ProofFile, Step } from "../runs/run.ts";

/** The most that a thread shows. */
const FILES = 5;

/** What shows a failure: pictures of the step that failed, or else of the whole run, or else the last one that was taken. */
export function proofOf(found: readonly Artifact[], steps: readonly Step[]): ProofFile[] {
  const made = steps.filter(({ state }) => state !== "note");
  const failed = made.findIndex(({ state }) => state === "failed");
  const names = failed < 0 ? [] : [String(failed + 1), made[failed]?.text];
  const ofStep = found.filter(({ isOfFailure, step }) => isOfFailure || (step && names.includes(step)));
  const ofRun = found.filter(({ step }) => step === undefined);
  const chosen = [ofStep, ofRun].find(({ length }) => length > 0) ?? found.slice(-1);
  return chosen.slice(-FILES).map(({ url, name }) => ({ url, name }));
}
