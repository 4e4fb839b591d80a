import { setTimeout as sleep } from "node:timers/promises";
import type { HandlerContext } from "../shared/context.ts";

/** What a person is called, as a slash command tells it. Never throws. */
export type NameOf = (team: string, user: string) => Promise<string>;

/** Whom Slack does not name in time. */
const NOBODY = "someone";
const KEPT_MS = 12 * 3_600_000;
/** Of the three seconds in which Slack wants its answer. */
const PATIENCE_MS = 1_000;
/** More than this are not kept; the oldest go first. */
const KEPT_MOST = 2_000;

/** Asks Slack for the names that events leave out, and keeps them for a while in this process: none is stored. */
export function slackNames(context: HandlerContext): NameOf {
  const known = new Map<string, { name: string; until: number }>();
  return async (team, user) => {
    const key = `${team} ${user}`;
    const found = known.get(key);
    if (found && found.until > Date.now()) return found.name;
    const name = await inTime(asked(context, team, user));
    if (!name) return NOBODY;
    known.delete(key);
    known.set(key, { name, until: Date.now() + KEPT_MS });
    const [oldest] = known.keys();
    if (known.size > KEPT_MOST && oldest !== undefined) known.delete(oldest);
    return name;
  };
}

async function asked(context: HandlerContext, team: string, user: string): Promise<string | undefined> {
  try {
    const answer = (await context.slack.call(team, "users.info", { user })) as { user?: { name?: string } };
    return answer.user?.name;
  } catch (error) {
    context.logger.warn({ err: error }, "Slack does not tell what somebody is called");
    return undefined;
  }
}

const inTime = (work: Promise<string | undefined>): Promise<string | undefined> =>
  Promise.race([work, sleep(PATIENCE_MS, undefined, { ref: false })]);
