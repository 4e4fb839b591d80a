import { type Notice, wants } from "../../notices/notices.ts";
import type { NoticeDeps } from "./deps.ts";

/** What it takes to put something on the boards. */
export type Announcing = Pick<NoticeDeps, "subscriptions" | "boards" | "queues">;

/** The channels that want to hear of something, each once. */
export async function channelsFor(side: Announcing, team: string, notice: Notice): Promise<string[]> {
  const all = await side.subscriptions.all(team);
  const wanting = all.filter((subscription) => wants(subscription, notice));
  return [...new Set(wanting.map(({ channel }) => channel))];
}

/** What is to be put on which boards. */
export interface Announcement {
  team: string;
  channels: readonly string[];
  notice: Notice;
}

/** Puts a notice on boards; each takes it once, however often this is called. */
export async function announce(side: Announcing, { team, channels, notice }: Announcement): Promise<void> {
  for (const channel of channels) {
    await side.boards.add({ team, channel }, notice);
    // Whether it is new or not: who put it there may have died before this.
    await side.queues.ensureEnqueued("notices", { team, id: channel });
  }
}
