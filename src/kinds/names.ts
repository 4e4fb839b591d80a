import { nearest, shown } from "./grammar.ts";
import type { FoundNames, Named, Needs, PreflightProblem } from "./kind.ts";

/** What is known of it; undefined: nothing, so that names stay as they were typed. */
export interface KnownNames {
  tests?: readonly Named[] | undefined;
  scenarios?: readonly Named[] | undefined;
}

/** Looks up the names of a spec, or says which of them there is none of. */
export function findNames(
  needs: Needs,
  { tests, scenarios }: KnownNames,
): { found: FoundNames; problem?: PreflightProblem } {
  const test = find("saved", needs, tests);
  const seed = find("scenario", needs, scenarios);
  const problem = [test, seed].find((each) => each && "why" in each);
  return {
    found: {
      ...(test && "id" in test ? { saved: test } : {}),
      ...(seed && "id" in seed ? { scenario: seed } : {}),
    },
    ...(problem && "why" in problem ? { problem } : {}),
  };
}

const KINDS = {
  saved: { noun: "saved test", list: "/arga tests" },
  scenario: { noun: "scenario", list: "/arga scenarios" },
};

function find(
  about: keyof typeof KINDS,
  needs: Needs,
  all: readonly Named[] | undefined,
): Named | PreflightProblem | undefined {
  const word = needs[about];
  if (!all || word === undefined) return undefined;
  const low = word.toLowerCase();
  const exact = all.find(({ id }) => id === word);
  const called = all.filter(({ name }) => name.toLowerCase() === low);
  const begun = all.filter(({ id }) => low.length >= 4 && id.toLowerCase().startsWith(low));
  const [one, ...others] = exact ? [exact] : called.length > 0 ? called : begun;
  if (one && others.length === 0) return one;
  const { noun, list } = KINDS[about];
  const use = (name: string): string => needs.retype(needs.twins, needs.ttlMinutes, { [about]: name });
  if (one) {
    const ids = [one, ...others].slice(0, 5).map(({ id }) => `\`${id}\``);
    return { about, why: `Several are called ${shown(word)}: ${ids.join(", ")}.`, tryThis: use(one.id) };
  }
  const near = nearest(word, [
    ...new Set(all.slice(0, COMPARED).flatMap(({ id, name }) => [id, name.toLowerCase()])),
  ]);
  // What lists them stands below.
  const hint = near ? ` Did you mean ${shown(near)}?` : "";
  const wayOut = near ? { tryThis: use(near), isMeant: true as const } : { tryThis: list };
  return { about, why: `Arga has no ${noun} ${shown(word)}.${hint}`, ...wayOut };
}

/** Names that one that isn't there is compared with. */
const COMPARED = 2_000;
