import { setTimeout as sleep } from "node:timers/promises";
import type { Known, Seen } from "../../store/cache.ts";
import type { Desk } from "../shared/context.ts";

/** Arga may be slow; who waits for it here has Slack waiting. */
const ASK_MS = 20_000;

/** One question at a time, however many people type. */
const asking = new WeakMap<object, Promise<unknown>>();

/** What was seen last, or nothing if it cannot be looked up: a form is of use without it. */
export async function lastSeen<T>(desk: Desk, known: Known<T>): Promise<Seen<T> | undefined> {
  try {
    return await known.last();
  } catch (error) {
    desk.logger.debug({ err: error }, "A form does without what was seen of Arga");
    return undefined;
  }
}

/** Asks Arga, together with whoever is asking at the moment; undefined if there is no answer. */
function askArga<T>(desk: Desk, known: Known<T>): Promise<Seen<T> | undefined> {
  const underWay = asking.get(known) as Promise<Seen<T> | undefined> | undefined;
  if (underWay) return underWay;
  const work = known
    .ask(AbortSignal.timeout(ASK_MS))
    .then(
      (value): Seen<T> => ({ value, isFresh: true }),
      (error: unknown) => {
        desk.logger.debug({ err: error }, "Arga did not answer for a form");
        return undefined;
      },
    )
    .finally(() => asking.delete(known));
  asking.set(known, work);
  desk.later(work);
  return work;
}

/** The newest that Arga has, however long it takes; undefined if it does not answer. */
export async function newest<T>(desk: Desk, known: Known<T>): Promise<Seen<T> | undefined> {
  const before = await lastSeen(desk, known);
  return before?.isFresh ? before : await askArga(desk, known);
}

/** The newest that can be had within a time, in ms: a late answer serves whoever asks next. */
export async function seenWithin<T>(
  desk: Desk,
  known: Known<T>,
  patienceMs: number,
): Promise<Seen<T> | undefined> {
  const late = sleep(patienceMs, undefined, { ref: false });
  const before = await lastSeen(desk, known);
  if (before?.isFresh) return before;
  return (await Promise.race([askArga(desk, known), late])) ?? before;
}
