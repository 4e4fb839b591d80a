import type { Action, Person, Run } from "./run.ts";

/** Everything a person can do to a run that exists. */
export type Permission = Action | "status" | "logs" | "rerun" | "credentials";

/** Who acts, and from which channel: a press or a command proves that its person is in that channel. */
export interface Actor extends Person {
  channel: string;
}

/** What anyone in the run's channel may do; the rest is the requester's and the admins' (docs/using.md#who-may-do-what). */
const OPEN_TO_CHANNEL: ReadonlySet<Permission> = new Set(["status", "extend", "rerun", "logs"]);

/**
 * The one decision on who may do what, for commands, buttons, modals, shortcuts and Home alike, taken at the
 * moment of the act. What it does not know it refuses. Returns why not, or undefined if it is allowed.
 */
export function denialReason(
  actor: Actor,
  deed: Permission,
  run: Run,
  admins: ReadonlySet<string>,
): string | undefined {
  if (actor.id === run.requester.id || admins.has(actor.id)) return undefined;
  const isHere = actor.channel === run.channel;
  if (OPEN_TO_CHANNEL.has(deed) && isHere) return undefined;
  if (deed === "status" && !run.hidden) return undefined;
  if (OPEN_TO_CHANNEL.has(deed)) return "that can be done only in the channel where it runs";
  return `only ${run.requester.name}, who started it, or an admin of this bot may do that`;
}

/** Whether a run may be shown in a list to this person at all. */
export const isVisible = (actor: Actor, run: Run, admins: ReadonlySet<string>): boolean =>
  denialReason(actor, "status", run, admins) === undefined;
