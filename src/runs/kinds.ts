import type { KindDefinition } from "./kind.ts";
import { twin } from "./kinds/twin.ts";
import type { Run } from "./run.ts";

/** A kind whose spec stays closed: a spec only ever goes back to the kind that made it. */
export type AnyKind = KindDefinition<unknown>;

/** Every kind of run, in the order of the help. */
export const allKinds: readonly AnyKind[] = [twin];

const byName = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The kind of a run. */
export function kindOf(run: Pick<Run, "kind">): AnyKind {
  const kind = byName.get(run.kind);
  if (!kind) throw new TypeError(`A record is of the kind ${run.kind}, which this version does not know.`);
  return kind;
}
