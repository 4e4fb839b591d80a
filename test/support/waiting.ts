import { setTimeout as sleep } from "node:timers/promises";

/** How long a test waits for what must come: it ends a wait in vain, and says nothing about how fast a machine is. */
export const PATIENCE_MS = 60_000;

/** A small wait between two looks at a condition; never a wait *for* one. */
export const tick = (): Promise<void> => sleep(20);
