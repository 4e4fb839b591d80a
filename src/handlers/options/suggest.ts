import type { PlainTextOption } from "@slack/types";
import type { Cache } from "../../store/cache.ts";
import { actionOf, type Choice } from "../../views/form-inputs.ts";
import { optionsFor, scenarioChoice, testChoice, twinChoice } from "../../views/form-options.ts";
import { FIELDS } from "../../views/forms.ts";
import { getWithin } from "../forms/cached.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";

/** Slack waits three seconds for the options of a menu; Arga gets half of that. */
const PATIENCE_MS = 1_500;

/** What the searchable field offers for what was typed into it, also while Arga is away. Never throws. */
export async function suggestOptions(
  context: HandlerContext,
  _request: Interaction,
  actionId: string,
  typed: string,
): Promise<{ options: PlainTextOption[] }> {
  const source = Object.hasOwn(SOURCES, actionId) ? SOURCES[actionId] : undefined;
  if (!source) return { options: [] };
  const { pattern } = source;
  try {
    const { choices, isFresh } = await source.look(context);
    return { options: optionsFor({ choices, isFresh, pattern }, typed) };
  } catch (error) {
    context.logger.warn({ err: error }, "The options of a form could not be looked up");
    return { options: optionsFor({ choices: [], isFresh: false, pattern }, typed) };
  }
}

interface Source {
  /** What may be typed where the list does not have it: such as commands take too. */
  pattern: RegExp;
  look(context: HandlerContext): Promise<{ choices: Choice[]; isFresh: boolean }>;
}

const listOf =
  <T>(known: (context: HandlerContext) => Cache<T[]>, choiceOf: (entry: T) => Choice): Source["look"] =>
  async (context) => {
    const seen = await getWithin(context, known(context), PATIENCE_MS);
    return { choices: (seen?.value ?? []).map(choiceOf), isFresh: seen?.isFresh ?? false };
  };

/** By `action_id`. */
const SOURCES: Record<string, Source> = {
  [actionOf(FIELDS.twins)]: {
    pattern: /^[a-z][\w-]{0,49}$/i,
    look: listOf((context) => context.argaCache.catalog, twinChoice),
  },
  [actionOf(FIELDS.scenario)]: {
    pattern: /^[\w.:-]{1,100}$/,
    look: listOf((context) => context.argaCache.scenarios, scenarioChoice),
  },
  [actionOf(FIELDS.saved)]: {
    pattern: /^[\w.:-]{1,100}$/,
    look: listOf((context) => context.argaCache.tests, testChoice),
  },
};
