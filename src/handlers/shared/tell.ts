import { setTimeout as sleep } from "node:timers/promises";
import { SlackRateLimited, SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { basicContent, type Content } from "../../views/card.ts";
import { replyOnHome } from "../events/app-home.ts";
import type { HandlerContext, Interaction } from "./context.ts";

const TRIES = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Answers one person alone: by the delivery's `response_url`, or as an ephemeral message, or directly, whichever is
 * taken first. What Slack may have taken by the first way is not said twice; by the others it stands nowhere else, so
 * that twice is better than not at all. Throws what the last try ended with.
 */
export async function replyToUser(
  context: HandlerContext,
  interaction: Interaction,
  content: Content,
): Promise<void> {
  const { url, channel } = interaction.reply;
  if (!url && !channel) return await tellElsewhere(context, interaction, content);
  try {
    const body = { response_type: "ephemeral", replace_original: false, ...basicContent(content) };
    if (url) return await withRetries(() => context.slack.respond(url, body), isUnclear);
    return await tellThere(context, interaction, content);
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
  }
  if (url) await tellThere(context, interaction, content);
  else await tellDirectly(context, interaction, content);
}

/** In a direct message nobody else is: there it may stay. */
async function tellThere(
  context: HandlerContext,
  { team, reply }: Interaction,
  content: Content,
): Promise<void> {
  const { channel, user, threadTs } = reply;
  const isDirect = channel.startsWith("D") && !reply.url;
  const method = isDirect ? "chat.postMessage" : "chat.postEphemeral";
  const quiet = isDirect ? { unfurl_links: false, unfurl_media: false } : { user };
  const args = { channel, ...quiet, ...(threadTs ? { thread_ts: threadTs } : {}), ...basicContent(content) };
  await withRetries(() => context.slack.call(team, method, args));
}

/** A Home or a modal is in no channel. */
async function tellElsewhere(
  context: HandlerContext,
  interaction: Interaction,
  content: Content,
): Promise<void> {
  const { team, reply } = interaction;
  if (await replyOnHome(context, { team, user: reply.user }, content)) return;
  await tellDirectly(context, interaction, content);
}

async function tellDirectly(
  context: HandlerContext,
  { team, reply }: Interaction,
  content: Content,
): Promise<void> {
  const message = { channel: reply.user, unfurl_links: false, unfurl_media: false, ...basicContent(content) };
  await withRetries(() => context.slack.call(team, "chat.postMessage", message), isUnclear);
}

const isUnclear = (error: unknown): boolean => error instanceof SlackUnclear;

/** Tries a call to Slack a few times, as far apart as Slack asks; not again what was refused, or what `isOver` says. */
export async function withRetries<T>(call: () => Promise<T>, isOver = (_: unknown) => false): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES || error instanceof SlackRefused || isOver(error)) throw error;
      const asked = error instanceof SlackRateLimited ? error.retryAfterMs : PAUSE_MS * tries;
      await sleep(Math.min(asked, LONGEST_PAUSE_MS));
    }
  }
}
