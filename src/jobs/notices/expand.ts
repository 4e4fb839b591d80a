import { z } from "zod";
import { noticeOf } from "../../notices/notices.ts";
import { messageSent } from "../../runs/outbox.ts";
import type { Run, SubscriberMessage } from "../../runs/run.ts";
import { SlackCallError, SlackRateLimited } from "../../slack/errors.ts";
import type { Lane } from "../../slack/pacer.ts";
import { type SlackDeps, updateRun } from "../slack/deps.ts";
import { announce, channelsFor } from "./announce.ts";
import type { NoticeDeps } from "./deps.ts";

/**
 * Tells the boards of all channels that want to hear of it what happened to a run, and takes the message out of
 * its outbox. A process that dies in between does all of it again, and every board takes a notice once.
 */
export async function expand(deps: NoticeDeps, run: Run, message: SubscriberMessage): Promise<Run> {
  const notice = noticeOf(run, message);
  const channels = await channelsFor(deps, run.team, notice);
  if (channels.length > 0) {
    const link = await cardLink(deps, run);
    await announce(deps, { team: run.team, channels, notice: { ...notice, ...(link ? { link } : {}) } });
  }
  return await updateRun(deps, run, (now) => messageSent(now, message.key));
}

/** Slack publishes no figure; its Java SDK counts on 600 a minute (docs/references/slack.md#rate-limits). */
const permalinkLane: Lane = { name: "chat.getPermalink", limit: 500, windowMs: 60_000 };

const permalink = z.object({ permalink: z.string() });

/** The address of a run's card. A notice without it is better than none. */
export async function cardLink(
  deps: SlackDeps,
  { team, id, channel, card }: Run,
): Promise<string | undefined> {
  if (card.state !== "posted") return undefined;
  const wait = await deps.pacer.acquire(permalinkLane, { team, who: id });
  if (wait > 0) return undefined;
  try {
    const answer = await deps.slack.call(team, "chat.getPermalink", { channel, message_ts: card.ts });
    return permalink.safeParse(answer).data?.permalink;
  } catch (error) {
    if (!(error instanceof SlackCallError)) throw error;
    if (error instanceof SlackRateLimited) await deps.pacer.block(permalinkLane, team, error.retryAfterMs);
    deps.logger.warn({ run: id, err: error }, "A notice goes without a link to its card");
    return undefined;
  }
}
