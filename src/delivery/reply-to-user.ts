import type { ReplyTo } from "../runs/run.ts";
import { SlackRefused } from "../slack/errors.ts";
import type { SlackWeb } from "../slack/web.ts";
import type { AppHomeStore, HomeOwner } from "../store/app-home.ts";
import { basicContent, type Content } from "../views/card.ts";
import { withRetries } from "./retry.ts";

/** With what one person is answered. */
export interface ReplyDeps {
  slack: SlackWeb;
  homes: Pick<AppHomeStore, "say">;
  /** Has a person's Home looked at. */
  refreshHome: (person: HomeOwner) => Promise<void>;
}

/** An answer that nobody else sees. */
interface PersonalReply {
  team: string;
  to: ReplyTo;
  content: Content;
  /** Slack's message metadata, where the answer is a message that stays. */
  metadata?: Record<string, unknown>;
}

/** Slack takes answers at a `response_url` for 30 minutes; a minute is kept for the way. */
const RESPONSE_URL_MS = 29 * 60_000;

/**
 * Answers one person alone, with a few tries: for answers that no job comes back to. Throws what the last try ended
 * with.
 */
export const replyToUser = (deps: ReplyDeps, reply: PersonalReply): Promise<void> =>
  withRetries(() => replyOnce(deps, reply));

/**
 * Answers one person alone: in the thread where a button was pressed; at the delivery's own URL, which works everywhere
 * but ends up in the channel; on their Home, if it was pressed there;
 * in the channel, unseen by the others; or in a direct message. Whichever Slack takes first. Such an answer can't be
 * read back: after an unclear one, the caller says it again if it would otherwise stand nowhere. Throws as
 * {@link SlackWeb.call}.
 */
export async function replyOnce(deps: ReplyDeps, reply: PersonalReply): Promise<void> {
  const { team, to, content } = reply;
  const { url, channel, user, threadTs } = to;
  if (url && threadTs && (await isTaken(() => inChannel(deps, reply)))) return;
  if (url && Date.now() - to.at < RESPONSE_URL_MS && (await isTaken(() => respond(deps, url, content))))
    return;
  if (!channel && (await replyOnHome(deps, { team, user }, content))) return;
  if (channel && (await isTaken(() => inChannel(deps, reply)))) return;
  await deps.slack.call(team, "chat.postMessage", { channel: user, ...stays(reply) });
}

/** Puts an answer on a person's Home; false: they don't look at it now, so it must be told otherwise. */
export async function replyOnHome(
  { homes, refreshHome }: Omit<ReplyDeps, "slack">,
  person: HomeOwner,
  content: Content,
): Promise<boolean> {
  if (!(await homes.say(person, basicContent(content).blocks))) return false;
  await refreshHome(person);
  return true;
}

const respond = ({ slack }: ReplyDeps, url: string, content: Content): Promise<void> =>
  slack.respond(url, { response_type: "ephemeral", replace_original: false, ...basicContent(content) });

/** In a direct message nobody else is: there it may stay. */
async function inChannel({ slack }: ReplyDeps, reply: PersonalReply): Promise<void> {
  const { channel, user, threadTs, url } = reply.to;
  const thread = threadTs ? { thread_ts: threadTs } : {};
  if ((channel.startsWith("D") || channel === user) && !url)
    await slack.call(reply.team, "chat.postMessage", { channel, ...thread, ...stays(reply) });
  else
    await slack.call(reply.team, "chat.postEphemeral", {
      channel,
      user,
      ...thread,
      ...basicContent(reply.content),
    });
}

const stays = ({ content, metadata }: PersonalReply): Record<string, unknown> => ({
  unfurl_links: false,
  unfurl_media: false,
  ...(metadata ? { metadata } : {}),
  ...basicContent(content),
});

/** false: refused, so that the next way is tried. Everything else is the caller's. */
async function isTaken(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof SlackRefused) return false;
    throw error;
  }
}
