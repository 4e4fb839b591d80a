import { kindOf } from "../../kinds/index.ts";
import { obstacle, wished } from "../../runs/actions.ts";
import { refusal as notAllowed } from "../../runs/authority.ts";
import type { Action, Run, Wish } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { refusal, says } from "../../views/replies.ts";
import { safe } from "../../views/text.ts";
import type { Desk, Request } from "../shared/context.ts";

/** What is asked of a run. */
export type Demand = Pick<Wish, "action" | "minutes" | "shorten">;

/**
 * Writes a wish into a run's record and has it worked off; its outcome is told later. Returns what to tell the
 * person at once: why not, or nothing. A delivery that was seen before changes nothing.
 */
export async function demand(
  desk: Desk,
  request: Request,
  run: Run,
  what: Demand,
): Promise<Content | undefined> {
  const denied = notAllowed(request.actor, what.action, run, desk.config.admins);
  if (denied) return says(`You cannot ${VERBS[what.action]} \`${run.id}\`: ${safe(denied)}.`);
  const impossible = beyond(run, what.action);
  if (impossible) return refusal(impossible, `/arga status ${run.id}`);
  const most = (await desk.knowledge.plan.last())?.value.maxTtlMinutes;
  if (most !== undefined && (what.minutes ?? 0) > most)
    return refusal(
      `The plan of this Arga account allows ${most} minutes, and this asks for ${what.minutes}.`,
      `/arga extend ${run.id} ${most}`,
    );
  const now = Date.now();
  const obstructed = run.taken.includes(request.key) ? undefined : obstacle(run, what, now);
  if (obstructed) return says(`\`${run.id}\` was not changed: ${obstructed}.`);
  const wish: Wish = {
    ...what,
    key: request.key,
    by: { id: request.actor.id, name: request.actor.name },
    at: now,
    reply: request.reply,
    state: { name: "pending" },
  };
  const written = await desk.store.update(run, (current) => wished(current, wish));
  if (!written) return says(`\`${run.id}\` is not known any more.`);
  // It is kept; if nobody can be poked now, the sweep finds it.
  await desk.queues
    .poke("arga", run)
    .catch((error: unknown) => desk.logger.warn({ run: run.id, err: error }, "A wish waits for the sweep"));
  return undefined;
}

/** What its kind cannot do at all. Whatever Arga was not asked for yet can be called off. */
function beyond(run: Run, action: Action): string | undefined {
  const { actions, noun } = kindOf(run);
  const isCallOff = run.phase.name === "requested" && (action === "cancel" || action === "teardown");
  if (actions.includes(action) || isCallOff) return undefined;
  const can = actions.map((each) => VERBS[each]).join(", ");
  return `\`${run.id}\` is a ${noun}, and Arga cannot ${VERBS[action]} those. ${can ? `It can ${can} them.` : "They end by themselves."}`;
}

const VERBS: Record<Action, string> = {
  extend: "extend",
  lock: "lock",
  reset: "reset",
  teardown: "tear down",
  cancel: "cancel",
};
