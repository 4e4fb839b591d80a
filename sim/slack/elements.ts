import type { Ids } from "./ids.ts";
import { isObject } from "./json.ts";
import type { Block, Json } from "./types.ts";

/** An interactive element, and the block in which it is. */
export interface Placed {
  readonly element: Json;
  readonly block: Block;
}

const INTERACTIVE = new Set([
  "button",
  "channels_select",
  "checkboxes",
  "conversations_select",
  "datepicker",
  "datetimepicker",
  "email_text_input",
  "external_select",
  "feedback_buttons",
  "file_input",
  "icon_button",
  "multi_channels_select",
  "multi_conversations_select",
  "multi_external_select",
  "multi_static_select",
  "multi_users_select",
  "number_input",
  "overflow",
  "plain_text_input",
  "radio_buttons",
  "rich_text_input",
  "static_select",
  "timepicker",
  "url_text_input",
  "users_select",
  "workflow_button",
]);

/** All interactive elements of these blocks, in order; blocks inside of blocks count with their own block_id. */
export function elementsOf(blocks: readonly Block[]): Placed[] {
  return blocks.flatMap((block) => Object.values(block).flatMap((value) => inside(value, block)));
}

function inside(value: unknown, block: Block): Placed[] {
  if (Array.isArray(value)) return value.flatMap((entry) => inside(entry, block));
  if (!isObject(value)) return [];
  const own = isInteractive(value) ? [{ element: value, block }] : [];
  const nearest = typeof value.block_id === "string" ? value : block;
  return [...own, ...Object.values(value).flatMap((entry) => inside(entry, nearest))];
}

function isInteractive({ type }: Json): boolean {
  return typeof type === "string" && INTERACTIVE.has(type);
}

/** A copy in which every block has a block_id and every element an action_id: Slack makes up those left out. */
export function withIds(blocks: readonly Block[], ids: Ids): Block[] {
  const copy = structuredClone([...blocks]);
  for (const block of copy) nameBlock(block, ids);
  for (const { element } of elementsOf(copy)) element.action_id ??= ids.next("a");
  return copy;
}

function nameBlock(block: Block, ids: Ids): void {
  block.block_id ??= ids.next("b");
  if (Array.isArray(block.child_blocks))
    for (const child of block.child_blocks) if (isObject(child)) nameBlock(child, ids);
}
