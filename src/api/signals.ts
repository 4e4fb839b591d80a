interface Linked {
  signal: AbortSignal;
  abort(): void;
  /** Lets go of the parent; call it when the work is done. */
  release(): void;
}

/**
 * A signal of one's own that follows a parent. Not `AbortSignal.any`: in Node 22 and 24 a signal that it made, once
 * somebody listens to it, stays for as long as its parent, and ours live as long as the process.
 */
export function linked(parent: AbortSignal | undefined): Linked {
  const own = new AbortController();
  const abort = (): void => own.abort();
  if (parent?.aborted) abort();
  parent?.addEventListener("abort", abort, { once: true });
  return { signal: own.signal, abort, release: () => parent?.removeEventListener("abort", abort) };
}
