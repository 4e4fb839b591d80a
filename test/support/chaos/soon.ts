import { setTimeout as sleep } from "node:timers/promises";

/** What a look finds as soon as it finds something, or undefined after `ms`. */
export async function soon<T>(ms: number, look: () => T | undefined | false): Promise<T | undefined> {
  const until = performance.now() + ms;
  for (;;) {
    const found = look();
    if (found) return found;
    if (performance.now() > until) return undefined;
    await sleep(20);
  }
}
