import { offeredControls, type RunControl } from "../runs/controls.ts";
import type { Kind, Run } from "../runs/run.ts";
import { agent } from "./agent.ts";
import { duration } from "./durations.ts";
import type { KindDefinition } from "./kind.ts";
import { pr } from "./pr.ts";
import { sandbox } from "./sandbox.ts";
import { test } from "./test.ts";
import { twin } from "./twin.ts";
import { url } from "./url.ts";

/** A kind whose spec stays closed: a spec only ever goes back to the kind that made it. */
export type AnyKind = KindDefinition<unknown>;

/** Every kind of run, in the order of the help. */
export const allKinds: readonly AnyKind[] = [twin, test, sandbox, url, pr, agent];

/** Their names, as people type them after `--kind`. */
export const kindNames: readonly Kind[] = allKinds.map(({ kind }) => kind);

const byName = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The kind of a run. */
export function kindOf(run: Pick<Run, "kind">): AnyKind {
  const kind = byName.get(run.kind);
  if (!kind) throw new TypeError(`A record is of the kind ${run.kind}, which this version does not know.`);
  return kind;
}

/** What a run is called in front of people, unescaped and of any length. */
export function titleOf(run: Run): string {
  const kind = kindOf(run);
  return kind.title(kind.spec(run));
}

/** What a run offers as it is now, in the order of the buttons. */
export const controlsOf = (run: Run): RunControl[] => offeredControls(run, kindOf(run));

/** All that a run's kind says of it to those who draw it; plain text, of any length. */
export interface RunDescription {
  noun: string;
  title: string;
  /** What was asked for besides the title. */
  details: string[];
  /** How long it was asked to last, in words. */
  asked?: string;
  /** What it's about, as far as it can be opened. */
  pages: { label: string; url: string }[];
  /** What it offers as it is now, in the order of the buttons. */
  controls: RunControl[];
}

/** Throws for a record that this version doesn't know. */
export function describeRun(run: Run): RunDescription {
  const kind = kindOf(run);
  const spec = kind.spec(run);
  return {
    noun: kind.noun,
    title: kind.title(spec),
    details: kind.details(spec),
    pages: kind.pages?.(spec) ?? [],
    controls: offeredControls(run, kind),
    ...(run.ttlMinutes === undefined ? {} : { asked: duration(run.ttlMinutes) }),
  };
}

/** Kinds as people call them, such as `page validation, PR validation`; `form`: another form of each word. */
export const kindsInWords = (kinds: readonly Kind[], form = (noun: string): string => noun): string =>
  allKinds
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ noun }) => form(noun))
    .join(", ");
