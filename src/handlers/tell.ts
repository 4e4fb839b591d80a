import { setTimeout as sleep } from "node:timers/promises";
import { SlackRefused, SlackUnclear } from "../slack/errors.ts";
import type { Content } from "../views/card.ts";
import type { Desk, Request } from "./desk.ts";

const TRIES = 4;
const PAUSE_MS = 500;

/**
 * Answers a press, seen by the presser alone: by its `response_url`, or as an ephemeral message where that is
 * refused. What Slack may have taken is not said twice. Throws what the last try ended with.
 */
export async function tell(desk: Desk, request: Request, content: Content): Promise<void> {
  const { url, channel, user } = request.reply;
  const ways = [
    ...(url
      ? [() => desk.slack.respond(url, { response_type: "ephemeral", replace_original: false, ...content })]
      : []),
    () => desk.slack.call(request.team, "chat.postEphemeral", { channel, user, ...content }),
  ];
  for (let tries = 1; ; tries++) {
    try {
      await ways[0]?.();
      return;
    } catch (error) {
      const isOver =
        error instanceof SlackUnclear ||
        tries === TRIES ||
        (error instanceof SlackRefused && ways.length === 1);
      if (isOver) throw error;
      if (error instanceof SlackRefused) ways.shift();
      else await sleep(PAUSE_MS * tries);
    }
  }
}
