import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { SlackWeb } from "./web.ts";

/** Whom Slack does not name in time. */
const UNKNOWN = "someone";
const KEPT_MS = 12 * 3_600_000;
/** Of the three seconds in which Slack wants its answer. */
const PATIENCE_MS = 1_000;
/** More than this are not kept; the oldest go first. */
const KEPT_MOST = 2_000;

/** What people are called, as a slash command says; kept for a while in this process, and stored nowhere. */
export class UserNames {
  readonly #slack: SlackWeb;
  readonly #logger: Logger;
  readonly #known = new Map<string, { name: string; until: number }>();

  constructor(slack: SlackWeb, logger: Logger) {
    this.#slack = slack;
    this.#logger = logger;
  }

  /** Asks Slack for what events leave out. Never throws. */
  async of(team: string, user: string): Promise<string> {
    const key = `${team} ${user}`;
    const found = this.#known.get(key);
    if (found && found.until > Date.now()) return found.name;
    const late = sleep(PATIENCE_MS, undefined, { ref: false });
    const name = await Promise.race([this.#ask(team, user), late]);
    if (name) this.#keep(key, name);
    return name || UNKNOWN;
  }

  async #ask(team: string, user: string): Promise<string | undefined> {
    try {
      const answer = (await this.#slack.call(team, "users.info", { user })) as { user?: { name?: string } };
      return answer.user?.name;
    } catch (error) {
      this.#logger.warn({ err: error }, "Couldn't get a user's name from Slack");
      return undefined;
    }
  }

  #keep(key: string, name: string): void {
    this.#known.delete(key);
    this.#known.set(key, { name, until: Date.now() + KEPT_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_MOST && oldest !== undefined) this.#known.delete(oldest);
  }
}
