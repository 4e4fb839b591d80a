export interface Linked {
  signal: AbortSignal;
  abort(): void;
  /** Lets go of the parent; call it when the work is done. */
  release(): void;
}

/**
 * A signal of one's own that follows a parent. Not `AbortSignal.any`, which in some Node 20 releases keeps every
 * signal that it made for as long as a long-lived parent lives.
 */
export function linked(parent: AbortSignal | undefined): Linked {
  const own = new AbortController();
  const abort = (): void => own.abort();
  if (parent?.aborted) abort();
  parent?.addEventListener("abort", abort, { once: true });
  return { signal: own.signal, abort, release: () => parent?.removeEventListener("abort", abort) };
}
