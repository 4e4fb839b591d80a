import { shown, UsageError } from "../../kinds/grammar.ts";
import { shared } from "../../runs/actions.ts";
import { denialReason as notAllowed } from "../../runs/authority.ts";
import type { Person, Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { denial, textContent } from "../../views/replies.ts";
import { safe } from "../../views/text.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { enqueueKept } from "../shared/enqueue.ts";

/** At once, and in all. */
const PEOPLE_MOST = 20;

/** Why a run can't be shared by this person, or undefined. */
export function unsharable(context: HandlerContext, { actor }: Interaction, run: Run): Content | undefined {
  const denied = notAllowed(actor, "share", run, context.config.admins);
  if (denied) return denial("share", run, denied);
  return run.phase.name === "ended"
    ? textContent(`\`${run.id}\` wasn't shared: it has already ended.`)
    : undefined;
}

/**
 * Lets others do with a run what its requester may, which its thread tells. Returns what to tell the person who shares
 * it: why not, or with whom. Throws {@link UsageError}.
 */
export async function shareRun(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
  ids: readonly string[],
): Promise<Content> {
  const problem = unsharable(context, interaction, run);
  if (problem) return problem;
  const people = await colleagues(context, interaction.team, [...new Set(ids)]);
  const { id, name } = interaction.actor;
  const next = await context.store.update(run, (now) => shared(now, people, { id, name }, interaction.key));
  if (!next) return textContent(`\`${run.id}\` is gone.`);
  enqueueKept(context, run, ["slack"]);
  const names = people.map((person) => safe(person.name, 80)).join(", ");
  return textContent(`\`${run.id}\` is shared with ${names}: they can do all that you can.`);
}

/** Those people, each known to be of this company. */
async function colleagues(context: HandlerContext, team: string, ids: readonly string[]): Promise<Person[]> {
  if (ids.length > PEOPLE_MOST)
    throw new UsageError(`That's ${ids.length} people. I share a run with up to ${PEOPLE_MOST} at once.`);
  return await Promise.all(
    ids.map(async (id) => {
      const [isOurs, name] = await Promise.all([
        context.people.isColleague(team, id, undefined),
        context.people.nameOf(team, id),
      ]);
      if (!isOurs)
        throw new UsageError(
          `I can't tell that ${shown(name)} belongs to this workspace, so nothing was shared.`,
        );
      return { id, name };
    }),
  );
}
