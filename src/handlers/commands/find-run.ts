import { type CommandGrammar, type Line, shown, UsageError } from "../../kinds/grammar.ts";
import { isFullAddress } from "../../kinds/targets.ts";
import { isVisible } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { runAt } from "../shared/run-at.ts";

/** As the help of every command that takes one says. */
export const ID =
  "ID is a run's short id, Arga's id, the beginning of either, or the run's address in Arga's dashboard.";

/** The one run that a line's first word means, among those that this person may see. Throws {@link UsageError}. */
export async function findRun(
  context: HandlerContext,
  interaction: Interaction,
  { words: [id] }: Line,
  { name, examples: [example] }: CommandGrammar,
): Promise<Run> {
  if (id === undefined)
    throw new UsageError(`Which run? \`/arga ${name}\` needs an id; \`/arga list\` shows them.`, example);
  const found = await meant(context, interaction, id);
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

async function meant(context: HandlerContext, { team, actor }: Interaction, id: string): Promise<Run[]> {
  const maySee = (run: Run): boolean => isVisible(actor, run, context.config.admins);
  if (!isFullAddress(id)) return await context.store.find(team, id, maySee);
  const run = await runAt(context, team, id);
  return run && maySee(run) ? [run] : [];
}
