import * as z from "zod";
import type { ActionId } from "../../slack/ids.ts";
import { basicContent } from "../../views/card.ts";
import { testsView } from "../commands/arga-lists.ts";
import { runCommand } from "../commands/run-command.ts";
import { openTestForm } from "../forms/open.ts";
import { carriedIn } from "../shared/carried.ts";
import type { ActionHandler } from "../shared/handlers.ts";
import { unknownAction } from "./unknown.ts";

const turn = z.object({ page: z.int(), repo: z.string().optional() });

/** The list of saved tests, in a message or on a Home. */
export const testActions: Record<Extract<ActionId, `tests.${string}`>, ActionHandler> = {
  async "tests.run"(context, interaction, action) {
    const { value: id = "", view } = action;
    if (!(view ? /^\S{1,150}$/ : /^[\w.:-]{1,100}$/).test(id))
      return await unknownAction(context, interaction, action);
    // The same words as typed, so that a payload can hold no more than a person could.
    if (!view) return await runCommand(context, interaction, `run ${id}`);
    // A Home is in no channel: the form asks for one.
    await openTestForm(context, interaction, { saved: id });
    return undefined;
  },

  /** The list is replaced where it stands. */
  async "tests.page"(context, interaction, action) {
    const to = carriedIn(turn, action.value ?? "");
    if (!to) return await unknownAction(context, interaction, action);
    const { url } = interaction.reply;
    // Pages of one list belong together, however long a person reads.
    const seen = await context.argaCache.tests.peek();
    if (!seen || !url) return undefined;
    const content = testsView(seen, to);
    context.waitUntil(context.slack.respond(url, { replace_original: true, ...basicContent(content) }));
    return undefined;
  },
};
