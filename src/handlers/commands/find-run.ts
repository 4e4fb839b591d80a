import { type CommandGrammar, type Line, shown, UsageError } from "../../kinds/grammar.ts";
import { isVisible } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";

/** As the help of every command that takes one says. */
export const ID = "ID is a run's short id, Arga's id, or the beginning of either.";

/** The one run that a line's first word means, among those that this person may see. Throws {@link UsageError}. */
export async function findRun(
  context: HandlerContext,
  interaction: Interaction,
  { words: [id] }: Line,
  { name, examples: [example] }: CommandGrammar,
): Promise<Run> {
  if (id === undefined)
    throw new UsageError(`Which run? \`/arga ${name}\` needs an id; \`/arga list\` shows them.`, example);
  const found = (await context.store.find(interaction.team, id)).filter((run) =>
    isVisible(interaction.actor, run, context.config.admins),
  );
  const [run, other] = found;
  if (!run)
    throw new UsageError(
      `There's no run ${shown(id)}. \`/arga list all\` shows what's running.`,
      "/arga list all",
    );
  if (other) {
    const ids = found.map((each) => `\`${each.id}\``).join(", ");
    throw new UsageError(`${shown(id)} may mean ${ids}. Write more of it.`, `/arga ${name} ${run.id}`);
  }
  return run;
}
