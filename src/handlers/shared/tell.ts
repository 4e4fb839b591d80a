import { setTimeout as sleep } from "node:timers/promises";
import { SlackRateLimited, SlackRefused, SlackUnclear } from "../../slack/errors.ts";
import { type Content, plainly } from "../../views/card.ts";
import { sayAtHome } from "../events/app-home.ts";
import type { Desk, Request } from "./context.ts";

const TRIES = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Answers one person alone: by the delivery's `response_url`, or as an ephemeral message, or directly, whichever is
 * taken first. What Slack may have taken by the first way is not said twice; by the others it stands nowhere else, so
 * that twice is better than not at all. Throws what the last try ended with.
 */
export async function tell(desk: Desk, request: Request, content: Content): Promise<void> {
  const { url, channel } = request.reply;
  if (!url && !channel) return await tellElsewhere(desk, request, content);
  try {
    const body = { response_type: "ephemeral", replace_original: false, ...plainly(content) };
    if (url) return await patiently(() => desk.slack.respond(url, body), isUnclear);
    return await tellThere(desk, request, content);
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
  }
  if (url) await tellThere(desk, request, content);
  else await tellDirectly(desk, request, content);
}

/** In a direct message nobody else is: there it may stay. */
async function tellThere(desk: Desk, { team, reply }: Request, content: Content): Promise<void> {
  const { channel, user, threadTs } = reply;
  const isDirect = channel.startsWith("D") && !reply.url;
  const method = isDirect ? "chat.postMessage" : "chat.postEphemeral";
  const quiet = isDirect ? { unfurl_links: false, unfurl_media: false } : { user };
  const args = { channel, ...quiet, ...(threadTs ? { thread_ts: threadTs } : {}), ...plainly(content) };
  await patiently(() => desk.slack.call(team, method, args));
}

/** A Home or a modal is in no channel. */
async function tellElsewhere(desk: Desk, request: Request, content: Content): Promise<void> {
  const { team, reply } = request;
  if (await sayAtHome(desk, { team, user: reply.user }, content)) return;
  await tellDirectly(desk, request, content);
}

async function tellDirectly(desk: Desk, { team, reply }: Request, content: Content): Promise<void> {
  const message = { channel: reply.user, unfurl_links: false, unfurl_media: false, ...plainly(content) };
  await patiently(() => desk.slack.call(team, "chat.postMessage", message), isUnclear);
}

const isUnclear = (error: unknown): boolean => error instanceof SlackUnclear;

/** Tries a call to Slack a few times, as far apart as Slack asks; not again what was refused, or what `isOver` says. */
export async function patiently<T>(call: () => Promise<T>, isOver = (_: unknown) => false): Promise<T> {
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
