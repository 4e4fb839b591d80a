import type { Run } from "../../runs/run.ts";
import { type Content, card, changesAt, hashOf } from "../../views/card.ts";

/** A card as it was drawn of one version of a run. */
export interface DrawnCard {
  content: Content;
  hash: string;
  /** When it looks different though nothing happened, in ms since the epoch. */
  until: number | undefined;
}

/** With what cards are drawn, each version of a run once, for as long as somebody holds that version. */
export interface Drawing {
  drawn: WeakMap<Run, DrawnCard>;
  maxTtlMinutes: number;
}

/** The card as it is to look now. */
export function drawCard({ drawn, maxTtlMinutes }: Drawing, run: Run): DrawnCard {
  const now = Date.now();
  const before = drawn.get(run);
  if (before && (before.until === undefined || now < before.until)) return before;
  const content = card(run, { now, maxTtlMinutes });
  const after = { content, hash: hashOf(content), until: changesAt(run, now) };
  drawn.set(run, after);
  return after;
}
