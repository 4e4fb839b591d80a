import { untouched } from "./choices.ts";
import { elementsOf, type Placed } from "./elements.ts";
import type { Block, Json, ViewValues } from "./types.ts";

/** `state.values` of a payload: what each element holds, by block_id and action_id. */
export function stateIn(blocks: readonly Block[], touched: (placed: Placed) => Json | undefined): ViewValues {
  const values: ViewValues = {};
  for (const placed of elementsOf(blocks)) {
    const { element, block } = placed;
    const state = touched(placed) ?? untouched(element);
    if (state === undefined) continue;
    const blockId = String(block.block_id);
    values[blockId] = { ...values[blockId], [String(element.action_id)]: { type: element.type, ...state } };
  }
  return values;
}
