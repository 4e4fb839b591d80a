import { setTimeout as sleep } from "node:timers/promises";

/** How long a test waits for what must come: it ends a wait in vain, and says nothing about how fast a machine is. */
export const PATIENCE_MS = 60_000;

/** A small wait between two looks at a condition; never a wait *for* one. */
export const tick = (): Promise<void> => sleep(20);

/** Waits until something holds that nothing tells of. @throws Error after {@link PATIENCE_MS} */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${holds}`);
    await tick();
  }
}
