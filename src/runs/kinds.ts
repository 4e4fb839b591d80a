import type { KindDefinition } from "./kind.ts";
import { agent } from "./kinds/agent.ts";
import { pr } from "./kinds/pr.ts";
import { sandbox } from "./kinds/sandbox.ts";
import { test } from "./kinds/test.ts";
import { twin } from "./kinds/twin.ts";
import { url } from "./kinds/url.ts";
import type { Run } from "./run.ts";

/** A kind whose spec stays closed: a spec only ever goes back to the kind that made it. */
export type AnyKind = KindDefinition<unknown>;

/** Every kind of run, in the order of the help. */
export const allKinds: readonly AnyKind[] = [twin, test, sandbox, url, pr, agent];

const byName = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The kind of a run. */
export function kindOf(run: Pick<Run, "kind">): AnyKind {
  const kind = byName.get(run.kind);
  if (!kind) throw new TypeError(`A record is of the kind ${run.kind}, which this version does not know.`);
  return kind;
}
