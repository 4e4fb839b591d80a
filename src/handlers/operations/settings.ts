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

/** What one person may ask for, and gets without asking. */
export async function limitsFor(
  { argaCache, config }: HandlerContext,
  { ttlMinutes }: PersonalSettings,
): Promise<Limits> {
  const plan = await argaCache.plan.peekSafely();
  return {
    maxTtlMinutes: config.maxTtlMinutes,
    planTtlMinutes: plan?.value.maxTtlMinutes,
    ...(ttlMinutes === undefined ? {} : { defaultTtlMinutes: ttlMinutes }),
  };
}
