import type { Limits } from "../../kinds/kind.ts";
import type { HomeOwner } from "../../store/app-home.ts";
import type { PersonalSettings } from "../../store/settings.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";

/** Whose settings a delivery is about. */
export const personOf = ({ team, actor }: Interaction): HomeOwner => ({ team, user: actor.id });

/** What whoever asks chose for themselves. */
export const settingsOf = (context: HandlerContext, interaction: Interaction): Promise<PersonalSettings> =>
  interaction.settings ?? context.settings.of(personOf(interaction));

/** For what is of use without them. Never throws. */
export const settingsSafely = (
  context: HandlerContext,
  interaction: Interaction,
): Promise<PersonalSettings> => settingsOf(context, interaction).catch(() => ({ presets: [] }));

/** Of an Arga that was never asked for its plan, an answer is waited for so long, in ms: Slack waits three seconds in all. */
const FIRST_PLAN_MS = 800;

/**
 * What one person may ask for, and gets without asking. A default that was chosen before anything was known of the plan would
 * be refused as theirs a moment later.
 */
export async function limitsFor(
  { argaCache, config }: HandlerContext,
  { ttlMinutes }: PersonalSettings,
): Promise<Limits> {
  const plan = (await argaCache.plan.peekSafely()) ?? (await argaCache.plan.getWithin(FIRST_PLAN_MS));
  return {
    maxTtlMinutes: config.maxTtlMinutes,
    planTtlMinutes: plan?.value.maxTtlMinutes,
    ...(ttlMinutes === undefined ? {} : { defaultTtlMinutes: ttlMinutes }),
  };
}
