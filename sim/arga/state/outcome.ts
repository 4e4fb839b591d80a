/** How a run will go. */
export interface Outcome {
  passes: boolean;
  /** It never ends by itself. */
  hangs: boolean;
  /** It stops once to ask the person something. */
  asks: boolean;
  /** How many times longer it takes. */
  slowness: number;
  /** What about it no client expects. */
  oddities: Oddity[];
}

/** Words in a prompt, or with a hyphen in a branch; `oddities.ts` has what they bring about. */
const oddityWords = {
  "huge results": /\bhuge[ -]results?\b/i,
  "empty results": /\bempty[ -]results?\b/i,
  "html error": /\bhtml[ -]errors?\b/i,
  "odd status": /\bodd[ -]status\b/i,
  "odd end": /\bodd[ -]end\b/i,
  "odd events": /\bodd[ -]events?\b/i,
};

export type Oddity = keyof typeof oddityWords;

/** The words to try, for people. */
export const outcomeWords = [
  "fail",
  "broken",
  "hang",
  "stuck",
  "slow",
  "ask me",
  ...Object.keys(oddityWords),
];

/**
 * How a run goes, by words in what it was asked to do, so that every ending can be tried by hand:
 * `fail…`/`broken`, `hang`/`stuck`, `slow`, `ask me`, and those above. `html error` fails too.
 */
export function outcomeOf(words: string): Outcome {
  const oddities = odditiesIn(words);
  return {
    passes: !/\bfail|\bbroken\b/i.test(words) && !oddities.includes("html error"),
    hangs: /\bhangs?\b|\bstuck\b/i.test(words),
    asks: /\bask me\b/i.test(words),
    slowness: /\bslow(ly)?\b/i.test(words) ? 5 : 1,
    oddities,
  };
}

function odditiesIn(words: string): Oddity[] {
  const all = Object.entries(oddityWords) as [Oddity, RegExp][];
  return all.filter(([, pattern]) => pattern.test(words)).map(([oddity]) => oddity);
}

/** The parts of a prompt that become steps: its sentences and clauses, at most six. */
export function clausesOf(prompt: string): string[] {
  return prompt
    .split(/[.;,]\s+|\n+|\s+then\s+/)
    .map((clause) => clause.replace(/^\s*(then|and)\s+|[.;,]?\s*$/g, ""))
    .filter((clause) => clause !== "")
    .slice(0, 6);
}
