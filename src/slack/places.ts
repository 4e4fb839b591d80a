import type { Logger } from "pino";
import { messageOf } from "../base/errors.ts";
import { SlackRefused } from "./errors.ts";
import { type Pacer, readLane } from "./pacer.ts";
import type { SlackWeb } from "./web.ts";

/** A channel that was public may become private: it's looked at again after this time. */
const KNOWN_MS = 60_000;
/** More than this are not kept; the oldest go first. */
const KEPT_MOST = 5_000;
/** Slack's words for a conversation that the bot can't look at: every public channel it can. */
const UNSEEN = new Set(["channel_not_found", "missing_scope"]);

interface Found {
  channel?: { is_private?: boolean; is_im?: boolean; is_mpim?: boolean };
}

/** Whether channels are private, as Slack says; kept for a while in this process, and stored nowhere. */
export class Places {
  readonly #slack: SlackWeb;
  readonly #pacer: Pacer;
  readonly #logger: Logger;
  readonly #known = new Map<string, { isPrivate: boolean; until: number }>();

  constructor({ slack, pacer, logger }: { slack: SlackWeb; pacer: Pacer; logger: Logger }) {
    this.#slack = slack;
    this.#pacer = pacer;
    this.#logger = logger;
  }

  /** undefined: Slack didn't say, or can't be asked just now. Throws only what isn't Slack's. */
  async isPrivate(team: string, channel: string): Promise<boolean | undefined> {
    const key = `${team} ${channel}`;
    const found = this.#known.get(key);
    if (found && found.until > Date.now()) return found.isPrivate;
    const lane = readLane("conversations.info");
    if ((await this.#pacer.acquire(lane, { team, who: channel })) > 0) return undefined;
    const isPrivate = await this.#ask(team, channel);
    if (isPrivate !== undefined) this.#keep(key, isPrivate);
    return isPrivate;
  }

  async #ask(team: string, channel: string): Promise<boolean | undefined> {
    try {
      const answer = (await this.#slack.call(team, "conversations.info", { channel })) as Found;
      const { is_private, is_im, is_mpim } = answer.channel ?? {};
      return is_im || is_mpim || is_private;
    } catch (error) {
      if (error instanceof SlackRefused && UNSEEN.has(error.error)) return true;
      this.#logger.debug({ channel, why: messageOf(error) }, "Couldn't look whether a channel is private");
      return undefined;
    }
  }

  #keep(key: string, isPrivate: boolean): void {
    this.#known.delete(key);
    this.#known.set(key, { isPrivate, until: Date.now() + KNOWN_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_MOST && oldest !== undefined) this.#known.delete(oldest);
  }
}
