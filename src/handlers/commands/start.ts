import { type CommandGrammar, UsageError } from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import { openTestForm, openTwinsForm } from "../forms/open.ts";
import { limitsFor, settingsOf } from "../operations/settings.ts";
import { startRun } from "../operations/start-run.ts";
import type { Command, CommandHandler } from "../shared/handlers.ts";

/** The forms that there are, by the command that opens them. */
const FORMS = new Map<string, Command["open"]>([
  ["twins", openTwinsForm],
  ["test", openTestForm],
]);

const grammars = new Set(allKinds.flatMap((kind) => kind.commands.map(({ grammar }) => grammar)));

/** What starts something: the kinds' own commands, each once though kinds may share it. */
export const kindCommands: readonly Command[] = [...grammars].map((grammar) => ({
  grammar,
  handle: start(grammar),
  open: FORMS.get(grammar.name),
}));

/** Starts a run of the first kind that takes the line. */
function start(of: CommandGrammar): CommandHandler {
  return async (context, interaction, line) => {
    const limits = await limitsFor(context, await settingsOf(context, interaction));
    for (const kind of allKinds)
      for (const { grammar, parse } of kind.commands) {
        const spec = grammar === of ? parse(line, limits) : undefined;
        if (spec !== undefined) return startRun(context, interaction, kind, spec);
      }
    throw new UsageError(`\`/arga ${of.name}\` doesn't take that.`, of.examples[0]);
  };
}
