import {
  type CommandGrammar,
  type Line,
  MistypedFlag,
  mended,
  readLine,
  refuseLong,
  shown,
  UsageError,
  words,
} from "../../kinds/grammar.ts";
import { linksIn, peopleIn } from "../../kinds/markup.ts";
import { plainWord } from "../../kinds/plain.ts";
import type { Content } from "../../views/card.ts";
import { helpShort } from "../../views/help.ts";
import { commandText } from "../shared/command-text.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { errorReply } from "../shared/error-reply.ts";
import type { Command } from "../shared/handlers.ts";
import { commandNamed } from "./index.ts";

/** Runs what was typed after `/arga`. Never throws: whatever is wrong becomes an answer. */
export async function runCommand(
  context: HandlerContext,
  interaction: Interaction,
  text: string,
): Promise<Content | undefined> {
  try {
    refuseLong(text);
    const typed = commandText(text);
    if (typed === "") return helpShort(context.bot);
    const [name = "help", ...rest] = words(typed);
    const command = commandNamed(plainWord(name), typed.replace(/^\s*\S+\s*/, ""));
    const line = {
      ...readOrOffer(rest, typed, command.grammar),
      links: linksIn(typed),
      people: peopleIn(typed),
    };
    refuseExtraWords(line, command);
    if (!command.open || rest.length > 0) return await command.handle(context, interaction, line);
    await command.open(context, interaction);
    return undefined;
  } catch (error) {
    return errorReply(context, error, `/arga ${commandText(text)}`);
  }
}

/** Who mistyped a flag runs the rest of the line by a button, as it was typed. */
function readOrOffer(rest: string[], typed: string, grammar: CommandGrammar): Line {
  try {
    return readLine(rest, grammar);
  } catch (error) {
    const line = error instanceof MistypedFlag ? mended(typed.replace(/^\s*\S+\s*/, ""), grammar) : undefined;
    if (!(error instanceof MistypedFlag) || line === undefined) throw error;
    const offer = { label: "Run it", command: `/arga ${grammar.name} ${line}` };
    throw new UsageError(error.message, error.tryThis, [offer]);
  }
}

/** A word too many may be a second id: better asked than half done. */
function refuseExtraWords(line: Line, { words: most = Number.POSITIVE_INFINITY, grammar }: Command): void {
  const extra = line.words[most];
  if (extra !== undefined)
    throw new UsageError(
      `Unexpected argument ${shown(extra)} for \`/arga ${grammar.name}\`.`,
      grammar.examples[0],
    );
}
