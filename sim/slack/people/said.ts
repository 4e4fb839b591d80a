import type { Channel, User } from "../directory.ts";

/** What a person writes, and where. */
export interface Said {
  readonly user: User;
  readonly channel: Channel;
  readonly text: string;
  readonly threadTs?: string;
}

/** @throws Error when this person cannot write there */
export function refuseSilent(user: User, channel: Channel): void {
  if (!channel.members.has(user.id)) throw new Error(`${user.name} is not in ${channel.name}`);
  if (channel.archived) throw new Error(`${channel.name} is archived: nobody can write there`);
}
