import type { Run } from "../runs/run.ts";
import type { RunStore } from "../store/runs.ts";

/**
 * Writes what a pure function makes of the record that is held; of a newer one, if somebody wrote it meanwhile. A
 * function that returns what it was given writes nothing. Returns the record as it is afterwards; undefined if there is
 * none. `isSettled`: nothing is left to do for it.
 * @throws {StoreUnavailable} {@link StoreConflict}
 */
export async function updateRecord(
  store: RunStore,
  held: Run,
  change: (run: Run) => Run,
  isSettled: (run: Run) => boolean = () => false,
): Promise<Run | undefined> {
  const next = change(held);
  if (next === held) return held;
  const written = await store.replace(held, next, isSettled(next));
  return written ?? (await store.updateNewest(held, change, isSettled));
}
