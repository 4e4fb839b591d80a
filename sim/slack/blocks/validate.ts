import { blockOfAnyType } from "./blocks.ts";
import { type Context, isObject, list, type Problem, refuse, type Surface } from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { metadata } from "./metadata.ts";
import { checkTogether } from "./payload.ts";
import { markup } from "./text.ts";
import { checkFrame } from "./views.ts";

export type { Problem, Surface } from "./checks.ts";

interface Message {
  text?: string;
  blocks?: unknown;
  metadata?: unknown;
}

/**
 * What Slack would refuse in a message to be posted; nothing, when it is fine.
 * For chat.update, leave out what the call uses to clear something (`metadata: {}`).
 * Too long a `text` is no problem here: posting cuts it, updating refuses it (see `LIMITS.message`).
 */
export function validateMessage(message: Message): Problem[] {
  const context: Context = { surface: "message", problems: [] };
  const { text, blocks } = message;
  if (text !== undefined) markup(Number.POSITIVE_INFINITY, 0)(text, "/text", context);
  if (blocks !== undefined) checkBlocks(blocks, "/blocks", context);
  if (message.metadata !== undefined) metadata(message.metadata, "/metadata", context);
  if (!text && (blocks === undefined || (Array.isArray(blocks) && blocks.length === 0)))
    refuse(context, "", "no_text", "must have text or blocks");
  return context.problems;
}

/** What Slack would refuse in blocks on this surface; the pointers start at `/blocks`. */
export function validateBlocks(blocks: unknown, surface: Surface): Problem[] {
  const context: Context = { surface, problems: [] };
  checkBlocks(blocks, "/blocks", context);
  return context.problems;
}

/** What Slack would refuse in a modal or a Home tab; the pointers start at `/view`. */
export function validateView(view: unknown): Problem[] {
  const isHome = isObject(view) && view.type === "home";
  const context: Context = { surface: isHome ? "home" : "modal", problems: [] };
  checkFrame(view, "/view", context);
  if (isObject(view) && Array.isArray(view.blocks)) checkBlocks(view.blocks, "/view/blocks", context);
  return context.problems;
}

function checkBlocks(blocks: unknown, at: string, context: Context): void {
  const max = LIMITS.payload.blocks[context.surface];
  if (!Array.isArray(blocks)) {
    refuse(context, at, "invalid_blocks_format", "must provide an array");
    return;
  }
  list(blockOfAnyType, { min: context.surface === "modal" ? 1 : 0, max })(blocks, at, context);
  checkTogether(blocks, at, context);
}
