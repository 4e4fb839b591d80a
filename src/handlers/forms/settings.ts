import { CodedError } from "../../base/errors.ts";
import { minutesOf } from "../../kinds/durations.ts";
import { UsageError } from "../../kinds/grammar.ts";
import { defaultTtl } from "../../kinds/targets.ts";
import type { QuietHours } from "../../runs/run.ts";
import type { PersonalSettings } from "../../store/settings.ts";
import { actionOf } from "../../views/form-inputs.ts";
import { SETTING_FIELDS, settingsModal } from "../../views/settings.ts";
import { personOf, settingsOf } from "../operations/settings.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { StateValue, Submission, ViewHandler } from "../shared/handlers.ts";
import { openModal } from "../shared/modals.ts";
import { inField } from "./parse-submission.ts";
import { presetsIn } from "./presets.ts";

/** Opens a person's own settings. */
export async function openSettings(context: HandlerContext, interaction: Interaction): Promise<void> {
  const settings = await settingsOf(context, interaction);
  const { remindBeforeMs, maxTtlMinutes } = context.config;
  const defaults = { remindBeforeMs, ttlMinutes: defaultTtl({ maxTtlMinutes }) };
  openModal(context, interaction, { first: settingsModal(settings, defaults) });
}

/** Keeps what a person chose, or says which field is wrong. Never throws. */
export const submitSettings: ViewHandler = async (context, interaction, submission) => {
  let field: string = SETTING_FIELDS.remind;
  try {
    const settings = await read(context, interaction, submission, (next) => {
      field = next;
    });
    await context.settings.save(personOf(interaction), settings, interaction.key);
    context.waitUntil(context.queues.enqueue("home", { team: interaction.team, id: interaction.actor.id }));
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) context.logger.error({ err: error }, "Couldn't save settings");
    const why = error instanceof CodedError ? error.message : "That didn't work. Try again.";
    return { response_action: "errors", errors: { [field]: inField(why) } };
  }
};

/** One field after another; `at` is told which is read, so that it hears what is wrong with it. */
async function read(
  context: HandlerContext,
  interaction: Interaction,
  { values }: Submission,
  at: (field: string) => void,
): Promise<PersonalSettings> {
  const F = SETTING_FIELDS;
  const { maxTtlMinutes } = context.config;
  const stateOf = (field: string): StateValue => {
    at(field);
    return values[field]?.[actionOf(field)] ?? {};
  };
  const minutesIn = (field: string): number | undefined => {
    const typed = stateOf(field).value?.trim() ?? "";
    return typed === "" ? undefined : minutesOf(typed, maxTtlMinutes, "");
  };
  const remindBeforeMinutes = minutesIn(F.remind);
  const ttlMinutes = minutesIn(F.minutes);
  const end = stateOf(F.end).selected_option?.value;
  const from = stateOf(F.quietFrom).selected_time ?? undefined;
  const until = stateOf(F.quietUntil).selected_time ?? undefined;
  const quiet = await quietHours(context, interaction, from, until);
  const channel = stateOf(F.channel).selected_conversation ?? undefined;
  const presets = presetsIn(stateOf(F.presets).value ?? "", { maxTtlMinutes });
  return {
    ...(remindBeforeMinutes === undefined ? {} : { remindBeforeMinutes }),
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    ...(end === "message" ? { end } : {}),
    ...(quiet ? { quiet } : {}),
    ...(channel ? { channel } : {}),
    presets,
  };
}

/** By the clock of whoever chose them. Throws {@link UsageError}. */
async function quietHours(
  { people }: HandlerContext,
  { team, actor }: Interaction,
  from: string | undefined,
  until: string | undefined,
): Promise<QuietHours | undefined> {
  if (from === undefined && until === undefined) return undefined;
  if (from === undefined || until === undefined || from === until)
    throw new UsageError("Quiet hours need a beginning and another end.");
  const zone = await people.timeZoneOf(team, actor.id);
  if (zone === undefined)
    throw new UsageError("Slack doesn't say which time zone you're in. Try again in a moment.");
  return { from, until, zone };
}
