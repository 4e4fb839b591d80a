import { dueAt } from "../../notices/batch.ts";
import { type Notice, noticeOf, wants } from "../../notices/notices.ts";
import { endedRun } from "../../notices/week.ts";
import type { Run, SubscriberMessage } from "../../runs/run.ts";
import type { AnnounceDeps, NoticeDeps } from "./deps.ts";

/**
 * Puts what happened to a run into the outboxes of all channels that want to hear of it; each takes it once. A run that
 * ended is also taken down for the weekly digests.
 */
export async function announceRun(deps: NoticeDeps, run: Run, message: SubscriberMessage): Promise<void> {
  const ended = endedRun(run, Date.now());
  if (ended) await deps.history.add(run.team, ended);
  const notice = noticeOf(run, message);
  const channels = await channelsFor(deps, run.team, notice);
  if (channels.length === 0) return;
  const link = await deps.links.to(run);
  await announce(deps, { team: run.team, channels, notice: { ...notice, ...(link ? { link } : {}) } });
}

/** The channels that want to hear of something, each once. */
export async function channelsFor(deps: AnnounceDeps, team: string, notice: Notice): Promise<string[]> {
  const all = await deps.subscriptions.all(team);
  const wanting = all.filter((subscription) => wants(subscription, notice));
  return [...new Set(wanting.map(({ channel }) => channel))];
}

/** What is to be heard in which channels. */
interface Announcement {
  team: string;
  channels: readonly string[];
  notice: Notice;
}

/** Puts a notice into channels' outboxes; each takes it once, however often this is called. */
export async function announce(deps: AnnounceDeps, { team, channels, notice }: Announcement): Promise<void> {
  for (const channel of channels) {
    await deps.boards.add({ team, channel }, notice);
    // Whether it is new or not: who put it there may have died before this.
    const due = dueAt([{ notice, since: Date.now() }]);
    await deps.queues.ensureEnqueued("notices", { team, id: channel }, due);
  }
}
