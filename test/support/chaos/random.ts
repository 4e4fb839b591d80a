/** What a seed decides. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  /** A whole number below `end`. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
  /** In another order. */
  shuffled<T>(from: readonly T[]): T[];
}

/** The same numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  const shuffled = <T>(from: readonly T[]): T[] => {
    const left = [...from];
    return from.map(() => left.splice(below(left.length), 1)[0] as T);
  };
  return { next, below, pick: (from) => from[below(from.length)] as never, shuffled };
}
