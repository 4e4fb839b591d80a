import { type Line, readLine, UsageError, words } from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import type { Limits } from "../../kinds/kind.ts";
import { twinsAndTime } from "../../kinds/targets.ts";
import type { Preset } from "../../store/settings.ts";
import type { TwinsPrefill } from "../../views/forms.ts";
import { LIMITS } from "../../views/limits.ts";
import { PRESETS_MOST } from "../../views/settings.ts";
import { wellFormed } from "../../views/text.ts";

const EXAMPLE = "Checkout: stripe,slack 2h --scenario ID";
/** Characters of a name: it stands on a button; and of all that follows it. */
const NAME_MOST = 40;
const LINE_MOST = 500;

/** Reads presets, one a line: a name, and what follows `/arga twins`. Throws {@link UsageError}. */
export function presetsIn(text: string, limits: Limits): Preset[] {
  const lines = wellFormed(text)
    .split("\n")
    .map((each) => each.trim());
  const presets = lines.filter((each) => each !== "").map((each) => presetIn(each, limits));
  if (presets.length > PRESETS_MOST) throw new UsageError(`${PRESETS_MOST} presets are the most.`);
  const names = new Set(presets.map(({ name }) => name.toLowerCase()));
  if (names.size < presets.length) throw new UsageError("Two presets have the same name.");
  return presets;
}

function presetIn(text: string, limits: Limits): Preset {
  const [, name = "", rest = ""] = /^([^:]+):(.+)$/.exec(text) ?? [];
  const line = rest.trim();
  if (name.trim() === "" || line === "") throw new UsageError(`Write a preset as “${EXAMPLE}”.`);
  if (name.trim().length > NAME_MOST)
    throw new UsageError(`A preset's name has ${NAME_MOST} characters at most.`);
  if (line.length > LINE_MOST) throw new UsageError(`A preset has ${LINE_MOST} characters at most.`);
  const read = lineOf(line, limits);
  const { twins, minutes } = twinsAndTime(read.words, limits, EXAMPLE);
  const scenario = read.flags.get("scenario");
  const prompt = read.flags.get("prompt");
  // The form would leave it out, and start something else.
  if (scenario !== undefined && scenario.length > LIMITS.optionValue)
    throw new UsageError("That scenario's id is too long.");
  return {
    name: name.trim(),
    line,
    twins,
    ...(minutes === undefined ? {} : { minutes }),
    ...(scenario === undefined ? {} : { scenario }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(read.flags.has("private") ? { private: true as const } : {}),
  };
}

/** As `/arga twins` reads it, so that it's refused here if it would be there. */
function lineOf(text: string, limits: Limits): Line {
  for (const kind of allKinds)
    for (const { grammar, parse } of kind.commands)
      if (grammar.name === "twins") {
        const line = readLine(words(text), grammar);
        parse(line, limits);
        return line;
      }
  throw new TypeError("No kind of run has the command twins.");
}

/** What the form starts out with. */
export const prefillFrom = ({
  twins,
  minutes,
  scenario,
  prompt,
  private: isPrivate,
}: Preset): TwinsPrefill => ({
  twins,
  ...(minutes === undefined ? {} : { time: `${minutes}m` }),
  ...(scenario === undefined ? {} : { scenario }),
  ...(prompt === undefined ? {} : { prompt }),
  ...(isPrivate ? { isPrivate } : {}),
});
