import { kindNames } from "../../kinds/index.ts";
import type { ActionId } from "../../slack/ids.ts";
import { kindFilter, LISTS } from "../../store/app-home-record.ts";
import { PRESET_IS_GONE } from "../../views/replies.ts";
import { openSandboxForm, openTestForm, openTwinsForm, openValidateForm } from "../forms/open.ts";
import { prefillFrom } from "../forms/presets.ts";
import { openSettings } from "../forms/settings.ts";
import { settingsOf } from "../operations/settings.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { ActionHandler } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

/** The buttons of a Home, beside those of the runs and tests that it lists. */
export const homeActions: Record<Extract<ActionId, `home.${string}`>, ActionHandler> = {
  "home.twins": opens(openTwinsForm),
  "home.test": opens(openTestForm),
  "home.validate": opens(openValidateForm),
  "home.sandbox": opens(openSandboxForm),
  "home.settings": opens(openSettings),

  /** The form, filled in. */
  async "home.preset"(context, interaction, { value }) {
    const { presets } = await settingsOf(context, interaction);
    const preset = presets.find(({ name }) => name === value);
    if (!preset) return PRESET_IS_GONE;
    await openTwinsForm(context, interaction, prefillFrom(preset));
    return undefined;
  },

  /** Which runs are listed. */
  async "home.filter"(context, interaction, action) {
    const filter = ["all", "mine", ...kindNames.map(kindFilter)].find((each) => each === action.value);
    if (!filter) return await unknownAction(context, interaction, action);
    const person = { team: interaction.team, user: interaction.actor.id };
    await context.homes.filtered(person, filter);
    await context.queues.enqueue("home", { team: person.team, id: person.user });
    return undefined;
  },

  /** To another page of a list. */
  async "home.page"(context, interaction, action) {
    const [, name, page] = /^(\w+):(\d{1,4})$/.exec(action.value ?? "") ?? [];
    const list = LISTS.find((each) => each === name);
    if (!list) return await unknownAction(context, interaction, action);
    const person = { team: interaction.team, user: interaction.actor.id };
    await context.homes.turned(person, list, Number(page));
    await context.queues.enqueue("home", { team: person.team, id: person.user });
    return undefined;
  },
};

function opens(open: (context: HandlerContext, interaction: Interaction) => Promise<void>): ActionHandler {
  return async (context, interaction) => {
    await open(context, interaction);
    return undefined;
  };
}
