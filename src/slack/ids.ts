import type { RunControl } from "../runs/controls.ts";

/**
 * Every id by which Slack tells us what was used. Views draw them, handlers are a `Record` over each of these types:
 * an id without a handler doesn't compile, nor does a handler without an id. Messages that were posted years ago still
 * have them, so that none may change.
 */

/** The slash command. */
export const SLASH_COMMAND = "/arga";

/** `action_id`: buttons and menus in messages, modals and the Home tab. */
export type ActionId =
  | `run.${RunControl}`
  | "run.more"
  | "tests.run"
  | "tests.page"
  | "logs.page"
  | "logs.all"
  | "logs.errors"
  | "credentials.format"
  | "credentials.picked"
  | "home.twins"
  | "home.test"
  | "home.page"
  | "home.validate"
  | "home.sandbox"
  | "home.filter"
  | "home.settings"
  | "home.preset"
  | "form.preset"
  | "form.saved"
  | "form.subject"
  | "form.code"
  | "notify.remove"
  | "talk.open"
  | "command.run";

/** `callback_id` of a modal. */
export type ViewId =
  | "arga_twins"
  | "arga_test"
  | "arga_validate"
  | "arga_sandbox"
  | "arga_notify"
  | "arga_logs"
  | "arga_settings"
  | "run_confirm"
  | "run_share"
  | "run_save";

/** `action_id` of a menu whose options Slack asks for as someone types. */
export type OptionsId = "form.twins" | "form.time" | "form.scenario" | "form.saved";

/** `callback_id` of a shortcut, as in the manifest. */
export type ShortcutId = "arga_twins" | "arga_test" | "arga_test_message";

/** Events of the manifest's `bot_events`; `message.im` arrives as `message`. */
export type EventName =
  | "app_home_opened"
  | "app_mention"
  | "link_shared"
  | "member_joined_channel"
  | "message";

/** Slack wants each `action_id` once in a message: two buttons of one id differ by a suffix. */
export const suffixed = (id: ActionId, suffix: string | number): string => `${id}.${suffix}`;
