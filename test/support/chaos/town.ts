import type { SlackOptions } from "../../../sim/slack/server.ts";

/** A workspace with forty people, rooms for runs, and desks at which they ask about them. */

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, n) => `${name}${String(n + 1).padStart(2, "0")}`);

export const PEOPLE = numbered(40, "p");
export const ROOMS = numbered(8, "room");
export const DESKS = numbered(12, "desk");
/** Where nothing else happens: how long something takes here is not the fault of a channel that Slack lets only so much into. */
export const PROBES = numbered(30, "probe");
export const ADMIN = PEOPLE[0] as string;

export const TOWN: SlackOptions = {
  users: PEOPLE,
  slashEscape: true,
  channels: [...ROOMS, ...DESKS, ...PROBES].map((name) => ({ name, members: PEOPLE })),
};
