import { kindOf } from "../../kinds/index.ts";
import { actionRequested, obstacle } from "../../runs/actions.ts";
import { denialReason as notAllowed } from "../../runs/authority.ts";
import type { Action, ActionRequest, Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { denial, refusal, textContent } from "../../views/replies.ts";
import { CONTROL_WORDS } from "../../views/words.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { enqueueKept } from "../shared/enqueue.ts";

/** What is asked of a run. */
type RequestedAction = Pick<ActionRequest, "action" | "minutes" | "shorten" | "name">;

/**
 * Writes an action request into a run's record and enqueues the run; what becomes of it is told later. Returns what to
 * tell the person at once: why not, or nothing. A delivery that was seen before changes nothing.
 */
export async function requestAction(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
  what: RequestedAction,
): Promise<Content | undefined> {
  const problem = unrequestable(context, interaction, run, what);
  if (problem) return problem;
  const most = (await context.argaCache.plan.peek())?.value.maxTtlMinutes;
  if (most !== undefined && (what.minutes ?? 0) > most)
    return refusal(
      `The plan of this Arga account allows ${most} minutes, and this asks for ${what.minutes}.`,
      `/arga extend ${run.id} ${most}`,
    );
  const now = Date.now();
  const request: ActionRequest = {
    ...what,
    key: interaction.key,
    by: { id: interaction.actor.id, name: interaction.actor.name },
    at: now,
    reply: isAtCard(run, interaction) ? { ...interaction.reply, isAtCard: true } : interaction.reply,
    state: { name: "pending" },
  };
  const written = await context.store.update(run, (current) => actionRequested(current, request));
  if (!written) return textContent(`\`${run.id}\` is gone.`);
  enqueueKept(context, run, ["arga"]);
  return undefined;
}

/** Why a person can't ask this of a run as it is now, or undefined. A delivery that was seen before may. */
export function unrequestable(
  context: HandlerContext,
  { actor, key }: Interaction,
  run: Run,
  what: RequestedAction,
): Content | undefined {
  const denied = notAllowed(actor, what.action, run, context.config.admins);
  if (denied) return denial(CONTROL_WORDS[what.action].verb, run, denied);
  const impossible = unsupported(run, what.action);
  if (impossible) return refusal(impossible, `/arga status ${run.id}`);
  const obstructed = run.seenKeys.includes(key) ? undefined : obstacle(run, what, Date.now());
  return obstructed ? textContent(`\`${run.id}\` wasn't changed: ${obstructed}.`) : undefined;
}

/** Whether it was pressed on the card or in its thread. */
function isAtCard({ channel, card, threadTs }: Run, { pressedOn: at }: Interaction): boolean {
  if (at?.channel !== channel || card.state !== "posted") return false;
  return at.ts === card.ts || (at.threadTs !== undefined && [card.ts, threadTs].includes(at.threadTs));
}

/** What its kind cannot do at all. Whatever Arga was not asked for yet can be called off. */
function unsupported(run: Run, action: Action): string | undefined {
  const { actions, noun } = kindOf(run);
  const isCallOff = run.phase.name === "requested" && (action === "cancel" || action === "teardown");
  if (actions.includes(action) || isCallOff) return undefined;
  const can = actions.map((each) => CONTROL_WORDS[each].verb).join(", ");
  const instead = can ? `It can ${can} it.` : "It ends by itself.";
  return `Arga can't ${CONTROL_WORDS[action].verb} this ${noun}, \`${run.id}\`. ${instead}`;
}
