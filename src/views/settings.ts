import type { KnownBlock, ModalView } from "@slack/types";
import { duration } from "../kinds/durations.ts";
import type { ViewId } from "../slack/ids.ts";
import type { PersonalSettings } from "../store/settings.ts";
import { idsOf, input, option, optional, textInput } from "./form-inputs.ts";
import { LIMITS } from "./limits.ts";
import { plain } from "./text.ts";

/** The inputs, by the `block_id` of each. */
export const SETTING_FIELDS = {
  remind: "remind",
  minutes: "minutes",
  end: "end",
  quietFrom: "quiet_from",
  quietUntil: "quiet_until",
  channel: "default_channel",
  presets: "presets",
} as const;

/** Buttons for presets: more would crowd a Home. */
export const PRESETS_MOST = 5;

/** What holds for everybody who chose nothing. */
interface Defaults {
  remindBeforeMs: number;
  ttlMinutes: number;
}

const END_WORDS = { mention: "Mention me in the run's thread", message: "Send me a direct message" } as const;

/** What one person may choose for themselves. */
export function settingsModal(settings: PersonalSettings, defaults: Defaults): ModalView {
  const { remindBeforeMinutes, ttlMinutes, end = "mention", quiet, channel, presets } = settings;
  const F = SETTING_FIELDS;
  const minutes = (value: number | undefined) => (value === undefined ? undefined : `${value}m`);
  const ends = (["mention", "message"] as const).map((each) => option(each, END_WORDS[each]));
  const blocks: KnownBlock[] = [
    optional(
      input(
        F.remind,
        "Remind me before the end",
        textInput(F.remind, { initial: minutes(remindBeforeMinutes), placeholder: "10m" }),
      ),
      `If you leave it empty: ${duration(Math.max(1, Math.round(defaults.remindBeforeMs / 60_000)))}.`,
    ),
    optional(
      input(
        F.minutes,
        "Default duration",
        textInput(F.minutes, { initial: minutes(ttlMinutes), placeholder: "2h" }),
      ),
      `For twins and sandboxes when you don't say. If you leave it empty: ${duration(defaults.ttlMinutes)}.`,
    ),
    input(F.end, "When a run ends", {
      type: "radio_buttons",
      ...idsOf(F.end),
      options: ends,
      initial_option: option(end, END_WORDS[end]),
    }),
    optional(
      input(F.quietFrom, "Quiet hours from", {
        type: "timepicker",
        ...idsOf(F.quietFrom),
        ...(quiet ? { initial_time: quiet.from } : {}),
      }),
    ),
    optional(
      input(F.quietUntil, "Quiet hours until", {
        type: "timepicker",
        ...idsOf(F.quietUntil),
        ...(quiet ? { initial_time: quiet.until } : {}),
      }),
      "In your time zone. I mention you nowhere then, and send no direct message at the end; the thread tells all the same.",
    ),
    optional(
      input(F.channel, "Default channel", {
        type: "conversations_select",
        ...idsOf(F.channel),
        filter: { include: ["public", "private", "mpim", "im"] },
        ...(channel ? { initial_conversation: channel } : {}),
      }),
      "For what you start from Home or a shortcut.",
    ),
    optional(
      input(
        F.presets,
        "Presets",
        textInput(F.presets, {
          initial: presets.map(({ name, line }) => `${name}: ${line}`).join("\n"),
          placeholder: "Checkout: stripe,slack 2h --scenario ID",
          isLong: true,
        }),
      ),
      `One a line: a name, and what follows /arga twins. Up to ${PRESETS_MOST}; they're buttons on Home and in the form.`,
    ),
  ];
  return {
    type: "modal",
    callback_id: "arga_settings" satisfies ViewId,
    title: plain("Your settings", LIMITS.modalTitle),
    submit: plain("Save", LIMITS.modalTitle),
    close: plain("Cancel", LIMITS.modalTitle),
    blocks,
  };
}
