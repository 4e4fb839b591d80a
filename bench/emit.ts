/** What a benchmark measured: figures by name, one for each round, run or press. */
export type Samples = Record<string, number[]>;

/** For whoever watches; the figures themselves go to stdout. */
export const say = (line: string): void => console.error(line);

/** The last line of a benchmark: what `bench/main.ts` reads. */
export const emit = (samples: Samples): void => console.log(JSON.stringify(samples));

// Whoever ends a benchmark ends what it started: a signal alone would leave that behind.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1));
