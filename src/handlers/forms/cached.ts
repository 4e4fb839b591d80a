import { setTimeout as sleep } from "node:timers/promises";
import type { Cache, Cached } from "../../store/cache.ts";
import type { HandlerContext } from "../shared/context.ts";

/** Arga may be slow; who waits for it here has Slack waiting. */
const ASK_MS = 20_000;

/** One question at a time, however many people type. */
const asking = new WeakMap<object, Promise<unknown>>();

/** What was seen last, or nothing if it cannot be looked up: a form is of use without it. */
export async function peekSafely<T>(
  context: HandlerContext,
  known: Cache<T>,
): Promise<Cached<T> | undefined> {
  try {
    return await known.peek();
  } catch (error) {
    context.logger.debug({ err: error }, "A form does without what was seen of Arga");
    return undefined;
  }
}

/** Asks Arga, together with whoever is asking at the moment; undefined if there is no answer. */
function askArga<T>(context: HandlerContext, known: Cache<T>): Promise<Cached<T> | undefined> {
  const underWay = asking.get(known) as Promise<Cached<T> | undefined> | undefined;
  if (underWay) return underWay;
  const work = known
    .refresh(AbortSignal.timeout(ASK_MS))
    .then(
      (value): Cached<T> => ({ value, isFresh: true }),
      (error: unknown) => {
        context.logger.debug({ err: error }, "Arga did not answer for a form");
        return undefined;
      },
    )
    .finally(() => asking.delete(known));
  asking.set(known, work);
  context.waitUntil(work);
  return work;
}

/** The newest that Arga has, however long it takes; undefined if it does not answer. */
export async function getFresh<T>(context: HandlerContext, known: Cache<T>): Promise<Cached<T> | undefined> {
  const before = await peekSafely(context, known);
  return before?.isFresh ? before : await askArga(context, known);
}

/** The newest that can be had within a time, in ms: a late answer serves whoever asks next. */
export async function getWithin<T>(
  context: HandlerContext,
  known: Cache<T>,
  patienceMs: number,
): Promise<Cached<T> | undefined> {
  const late = sleep(patienceMs, undefined, { ref: false });
  const before = await peekSafely(context, known);
  if (before?.isFresh) return before;
  return (await Promise.race([askArga(context, known), late])) ?? before;
}
