import { CONTROL_NAMES, CONTROLS, type RunControl } from "./controls.ts";
import type { Person, Run } from "./run.ts";

/** Everything a person can do to a run that exists. */
export type Permission = RunControl | "status";

/** Who acts, and from which channel: a press or a command proves that its person is in that channel. */
export interface Actor extends Person {
  channel: string;
}

/** Where a person belongs, as Slack says. */
export interface UserHome {
  /** The person's own workspace. */
  team: string | undefined;
  /** Of another company, met in a shared channel. */
  isStranger: boolean;
  /** All workspaces of the Enterprise Grid that the person is in. */
  gridTeams: readonly string[];
}

/**
 * Whether a person may use the bot of the workspace `team` at all: people of another company, in a channel that two
 * companies share, must neither spend what is ours nor see it. Colleagues from another workspace of the same Enterprise
 * Grid are no strangers. What isn't known is refused.
 */
export const isColleague = (team: string, home: UserHome): boolean =>
  !home.isStranger && (home.team === team || home.gridTeams.includes(team));

/** What anyone in the run's channel may do; the rest is for its requester and admins (docs/using.md#who-may-do-what). */
const OPEN_TO_CHANNEL: ReadonlySet<Permission> = new Set([
  "status",
  ...CONTROL_NAMES.filter((name) => CONTROLS[name].openTo === "channel"),
]);

/**
 * The one decision on who may do what, for commands, buttons, modals, shortcuts and Home alike, taken at the
 * moment of the act. What it doesn't know it refuses. Returns why not, or undefined if it's allowed.
 */
export function denialReason(
  actor: Actor,
  permission: Permission,
  run: Run,
  admins: ReadonlySet<string>,
): string | undefined {
  if (isEntitled(actor, run) || admins.has(actor.id)) return undefined;
  const isHere = actor.channel === run.channel;
  const isOpen = OPEN_TO_CHANNEL.has(permission);
  if (isOpen && isHere) return undefined;
  if (permission === "status" && !run.hidden) return undefined;
  if (isOpen) return "that only works in the channel where it runs";
  return `only ${run.requester.name}, who started it, those it's shared with, or an admin of this bot can do that`;
}

const isEntitled = ({ id }: Actor, { requester, sharedWith }: Run): boolean =>
  id === requester.id || (sharedWith?.some((person) => person.id === id) ?? false);

/** Whether a run may be shown in a list to this person at all. */
export const isVisible = (actor: Actor, run: Run, admins: ReadonlySet<string>): boolean =>
  denialReason(actor, "status", run, admins) === undefined;
