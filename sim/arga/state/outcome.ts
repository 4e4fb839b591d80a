/** How a run will go. */
export interface Outcome {
  passes: boolean;
  /** It never ends by itself. */
  hangs: boolean;
  /** It stops once to ask the person something. */
  asks: boolean;
  /** How many times longer it takes. */
  slowness: number;
}

/**
 * How a run goes, by words in what it was asked to do, so that every ending can be tried by hand:
 * `fail…`/`broken`, `hang`/`stuck`, `slow`, `ask me`.
 */
export function outcomeOf(words: string): Outcome {
  return {
    passes: !/\bfail|\bbroken\b/i.test(words),
    hangs: /\bhangs?\b|\bstuck\b/i.test(words),
    asks: /\bask me\b/i.test(words),
    slowness: /\bslow(ly)?\b/i.test(words) ? 5 : 1,
  };
}

/** The parts of a prompt that become steps: its sentences and clauses, at most six. */
export function clausesOf(prompt: string): string[] {
  return prompt
    .split(/[.;,]\s+|\n+|\s+then\s+/)
    .map((clause) => clause.replace(/^\s*(then|and)\s+|[.;,]?\s*$/g, ""))
    .filter((clause) => clause !== "")
    .slice(0, 6);
}
