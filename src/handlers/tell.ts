import { setTimeout as sleep } from "node:timers/promises";
import { SlackRateLimited, SlackRefused, SlackUnclear } from "../slack/errors.ts";
import { type Content, plainly } from "../views/card.ts";
import type { Desk, Request } from "./desk.ts";
import { sayAtHome } from "./home.ts";

const TRIES = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Answers a press, seen by the presser alone: by its `response_url`, or as an ephemeral message where that is
 * refused. What Slack may have taken is not said twice. Throws what the last try ended with.
 */
export async function tell(desk: Desk, request: Request, content: Content): Promise<void> {
  const { url, channel, user, threadTs } = request.reply;
  const thread = threadTs ? { thread_ts: threadTs } : {};
  const body = { response_type: "ephemeral", replace_original: false, ...plainly(content) };
  if (!url && !channel) return await tellElsewhere(desk, request, content);
  try {
    if (url) return await patiently(() => desk.slack.respond(url, body), isUnclear);
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
  }
  await patiently(
    () =>
      desk.slack.call(request.team, "chat.postEphemeral", { channel, user, ...thread, ...plainly(content) }),
    isUnclear,
  );
}

/** A Home or a modal is in no channel. */
async function tellElsewhere(desk: Desk, { team, reply }: Request, content: Content): Promise<void> {
  const { user } = reply;
  if (await sayAtHome(desk, { team, user }, content)) return;
  const message = { channel: user, ...plainly(content) };
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
