import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { isColleague, type UserHome } from "../runs/authority.ts";
import type { SlackWeb } from "./web.ts";

/** Whom Slack does not name in time. */
const UNKNOWN = "someone";
const KEPT_MS = 12 * 3_600_000;
/** Of the three seconds in which Slack wants its answer. */
const PATIENCE_MS = 1_000;
/** More than this are not kept; the oldest go first. */
const KEPT_MOST = 2_000;

/** What is used of the answer of `users.info`. */
interface UserInfo {
  name?: string;
  /** An IANA name. */
  tz?: string;
  team_id?: string;
  is_stranger?: boolean;
  enterprise_user?: { enterprise_id?: string; teams?: string[] };
}

/** What Slack says of people, beside their ids; kept for a while in this process, and stored nowhere. */
export class People {
  readonly #slack: SlackWeb;
  readonly #logger: Logger;
  readonly #known = new Map<string, { info: UserInfo; until: number }>();

  constructor(slack: SlackWeb, logger: Logger) {
    this.#slack = slack;
    this.#logger = logger;
  }

  /** What somebody is called, as a slash command says; events leave it out. Never throws. */
  async nameOf(team: string, user: string): Promise<string> {
    return (await this.#info(team, user))?.name || UNKNOWN;
  }

  /** The time zone that somebody is in, as they told Slack. Never throws. */
  async timeZoneOf(team: string, user: string): Promise<string | undefined> {
    return (await this.#info(team, user))?.tz;
  }

  /**
   * Whether somebody belongs to the workspace `team`, or to one of the same Enterprise Grid. `home` is the person's own
   * workspace as the delivery names it; if it's another one, Slack is asked. What it doesn't say is no. Never throws.
   */
  async isColleague(team: string, user: string, home: string | undefined): Promise<boolean> {
    if (home === team) return true;
    const info = await this.#info(team, user);
    return info !== undefined && isColleague(team, homeOf(info));
  }

  async #info(team: string, user: string): Promise<UserInfo | undefined> {
    const key = `${team} ${user}`;
    const found = this.#known.get(key);
    if (found && found.until > Date.now()) return found.info;
    const late = sleep(PATIENCE_MS, undefined, { ref: false });
    const info = await Promise.race([this.#ask(team, user), late]);
    if (info) this.#keep(key, info);
    return info;
  }

  async #ask(team: string, user: string): Promise<UserInfo | undefined> {
    try {
      const answer = (await this.#slack.call(team, "users.info", { user })) as { user?: UserInfo };
      return answer.user;
    } catch (error) {
      this.#logger.warn({ err: error }, "Couldn't ask Slack about a person");
      return undefined;
    }
  }

  #keep(key: string, info: UserInfo): void {
    this.#known.delete(key);
    this.#known.set(key, { info, until: Date.now() + KEPT_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_MOST && oldest !== undefined) this.#known.delete(oldest);
  }
}

const homeOf = ({ team_id, is_stranger, enterprise_user }: UserInfo): UserHome => ({
  team: team_id,
  isStranger: is_stranger === true,
  gridTeams: enterprise_user?.teams ?? [],
});
