import type { OptionsId } from "../../slack/ids.ts";
import type { ArgaCache } from "../../store/arga-cache.ts";
import type { Cache } from "../../store/cache.ts";
import type { Choice } from "../../views/form-inputs.ts";
import { optionsFor, scenarioChoice, testChoice, timeChoices, twinChoice } from "../../views/form-options.ts";
import type { OptionsHandler } from "../shared/handlers.ts";

/** Slack waits three seconds for the options of a menu; Arga gets half of that. */
const PATIENCE_MS = 1_500;

/** What may be typed where the list doesn't have it: such as commands take too. */
const ID = /^[\w.:-]{1,100}$/;
const TWIN = /^[a-z][\w-]{0,49}$/i;

/** What a searched menu offers, by its `action_id`; also while Arga is away. */
export const options: Record<OptionsId, OptionsHandler> = {
  "form.twins": offer(({ catalog }) => catalog, twinChoice, TWIN),
  async "form.time"({ argaCache, config }, typed) {
    const plan = await argaCache.plan.peekSafely();
    return timeChoices(typed, Math.min(config.maxTtlMinutes, plan?.value.maxTtlMinutes ?? Infinity));
  },
  "form.scenario": offer(({ scenarios }) => scenarios, scenarioChoice, ID),
  "form.saved": offer(({ tests }) => tests, testChoice, ID),
};

function offer<T>(
  cacheOf: (arga: ArgaCache) => Cache<T[]>,
  choiceOf: (entry: T) => Choice,
  pattern: RegExp,
): OptionsHandler {
  return async ({ argaCache }, typed) => {
    const seen = await cacheOf(argaCache).getWithin(PATIENCE_MS);
    const choices = (seen?.value ?? []).map(choiceOf);
    return optionsFor({ choices, isFresh: seen?.isFresh ?? false, pattern }, typed);
  };
}
