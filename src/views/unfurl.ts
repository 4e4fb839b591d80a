import type { KnownBlock } from "@slack/types";
import type { Run } from "../runs/run.ts";
import type { ViewContext } from "./buttons.ts";
import { basicContent, card as drawn } from "./card.ts";
import { link, note, time } from "./text.ts";

/**
 * A run's card under a link to it, with its buttons; `n` tells the links of one message apart. It shows
 * that moment; the card, to which it leads, is the one that stays up to date. The requester's name is plain text, so that a link pings
 * no one.
 */
export function unfurl(run: Run, context: ViewContext, n: number, cardUrl?: string): KnownBlock[] {
  const { blocks } = basicContent(drawn({ ...run, card: { state: "due" } }, context));
  const numbered = blocks.map((block) =>
    block.type === "actions"
      ? { ...block, block_id: block.block_id?.replace(`run:${run.id}`, `run:${run.id}:${n}`) ?? "" }
      : block,
  );
  const card = cardUrl ? link(cardUrl, "The card") : "The card";
  const where = run.card.state === "posted" ? `. ${card} in <#${run.channel}> stays up to date` : "";
  return [...numbered, note(`As of ${time(context.now)}${where}.`)];
}
