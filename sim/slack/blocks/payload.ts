import { below, type Context, isObject, type JsonObject, refuse } from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { textLength } from "./tables.ts";

/** A block with its place in the payload. */
interface Placed {
  block: JsonObject;
  at: string;
}

/** Where a block keeps blocks of its own. */
const NESTED_BLOCKS = new Map([
  ["container", "child_blocks"],
  ["carousel", "elements"],
  ["plan", "tasks"],
]);

/** Rules that no block can break alone: ids that occur twice, sums and counts over the payload. */
export function checkTogether(blocks: unknown, at: string, context: Context): void {
  const placed = placedBlocks(blocks, at);
  checkUnique(idsOf(placed), "block_id", context);
  for (const one of placed) checkUnique(actionIdsOf(one), "action_id", context);
  checkFocus(placed, context);
  checkCounts(placed, context);
  if (context.surface === "message") checkTextSums(placed, blocks, at, context);
}

function placedBlocks(blocks: unknown, at: string): Placed[] {
  return placedObjects(blocks, at).flatMap(({ block, at: own }) => {
    const field = NESTED_BLOCKS.get(String(block.type));
    const nested = field === undefined ? [] : placedBlocks(block[field], below(own, field));
    return [{ block, at: own }, ...nested];
  });
}

function placedObjects(list: unknown, at: string): Placed[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((block: unknown, index) => (isObject(block) ? [{ block, at: below(at, index) }] : []));
}

type Id = readonly [id: string, pointer: string];

function idsOf(placed: readonly Placed[]): Id[] {
  return placed.flatMap(({ block, at }) =>
    typeof block.block_id === "string" ? [[block.block_id, below(at, "block_id")] as const] : [],
  );
}

function actionIdsOf({ block, at }: Placed): Id[] {
  return elementsOf({ block, at }).flatMap(({ block: element, at: pointer }) =>
    typeof element.action_id === "string" ? [[element.action_id, below(pointer, "action_id")] as const] : [],
  );
}

function elementsOf({ block, at }: Placed): Placed[] {
  const lists = ["elements", "actions"].flatMap((field) => placedObjects(block[field], below(at, field)));
  const single = ["accessory", "element"].flatMap((field) => {
    const element = block[field];
    return isObject(element) ? [{ block: element, at: below(at, field) }] : [];
  });
  return [...lists, ...single];
}

function checkUnique(ids: readonly Id[], field: "block_id" | "action_id", context: Context): void {
  const seen = new Set<string>();
  for (const [id, pointer] of ids) {
    if (seen.has(id)) refuse(context, pointer, `duplicate_${field}`, `${field} already exists: ${id}`);
    seen.add(id);
  }
}

function checkFocus(placed: readonly Placed[], context: Context): void {
  const focused = placed.flatMap(elementsOf).filter(({ block }) => block.focus_on_load === true);
  for (const { at } of focused.slice(LIMITS.payload.focusOnLoad))
    refuse(context, below(at, "focus_on_load"), "too_many", "only one element can have the focus");
}

function checkCounts(placed: readonly Placed[], context: Context): void {
  const { tables, charts } = LIMITS.payload;
  const beyond = (max: number, ...types: readonly unknown[]) =>
    placed.filter(({ block }) => types.includes(block.type)).slice(max);
  for (const { at } of beyond(tables, "table", "data_table"))
    refuse(context, at, "only_one_table_allowed", `no more than ${tables} table allowed`);
  for (const { at } of beyond(charts, "data_visualization"))
    refuse(context, at, "too_many", `no more than ${charts} charts allowed`);
}

function checkTextSums(placed: readonly Placed[], blocks: unknown, at: string, context: Context): void {
  const markdown = placed.map(({ block }) => block).filter(({ type }) => type === "markdown");
  const { markdown: maxMarkdown, messageText } = LIMITS.payload;
  if (textLength(markdown) > maxMarkdown)
    refuse(context, at, "msg_blocks_too_long", `no more than ${maxMarkdown} characters of markdown in all`);
  else if (textLength(blocks) > messageText)
    refuse(context, at, "msg_blocks_too_long", `no more than ${messageText} characters of text in all`);
}
