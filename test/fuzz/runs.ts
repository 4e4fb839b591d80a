/** How much is tried: a little in the suite, as much as `npm run fuzz` says. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

/** The same ones each time, unless many are asked for; fast-check says the seed of what it found. */
export const SEED: { seed: number } | Record<string, never> =
  process.env.FUZZ_SEED !== undefined
    ? { seed: Number(process.env.FUZZ_SEED) }
    : process.env.FUZZ_RUNS === undefined
      ? { seed: 20_261_126 }
      : {};

/** Who is there. */
export const HANDS = ["alice", "bob"] as const;
