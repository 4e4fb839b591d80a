import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { CodedError, messageOf } from "../base/errors.ts";
import { SlackRefused } from "./errors.ts";
import { NEEDED_SCOPES } from "./scopes.ts";
import type { SlackWeb } from "./web.ts";

/** Who the bot is, as `auth.test` says. */
export interface Identity {
  team: string;
  botId: string;
  botUserId: string;
  /** The workspace's address. */
  url?: string;
}

/** Slack does not accept the bot token: nothing can work until it is replaced. */
class TokenRefused extends CodedError {
  readonly code = "SLACK_TOKEN_REFUSED";

  constructor(readonly error: string) {
    super(`Slack rejected SLACK_BOT_TOKEN (${error}). Copy the Bot User OAuth Token of your app again.`);
  }
}

const RETRY_MS = 2_000;
/** Slack takes hundreds of these a minute, from all processes together. */
const ASK_AGAIN_MS = 5_000;

/** Asks Slack who the bot is, for as long as Slack is away. Throws {@link TokenRefused}. */
export async function identify(slack: SlackWeb, logger: Logger, signal: AbortSignal): Promise<Identity> {
  for (;;) {
    try {
      const answer = (await slack.call("", "auth.test", {})) as {
        team_id?: string;
        user_id?: string;
        bot_id?: string;
        url?: string;
        response_metadata?: { scopes?: string[] };
      };
      sayMissingScopes(logger, answer.response_metadata?.scopes);
      const { team_id: team = "", bot_id: botId = "", user_id: botUserId = "", url } = answer;
      return { team, botId, botUserId, ...(url ? { url } : {}) };
    } catch (error) {
      if (error instanceof SlackRefused) throw new TokenRefused(error.error);
      logger.warn({ why: messageOf(error), slack: slack.host }, "Slack isn't answering; retrying");
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** `granted`: of the header that comes with every answer; without one, nothing is known. */
function sayMissingScopes(logger: Logger, granted: readonly string[] | undefined): void {
  const missing = NEEDED_SCOPES.filter((scope) => granted && !granted.includes(scope));
  if (missing.length > 0)
    logger.warn({ missing }, "The app lacks scopes. Save its manifest again and reinstall it");
}

/** Whether Slack still takes the bot token: it can be revoked, or the app uninstalled, while the bot runs. */
export class TokenWatch {
  readonly #slack: SlackWeb;
  readonly #logger: Logger;
  readonly #team: string;
  #refusal: string | undefined;

  constructor(slack: SlackWeb, logger: Logger, team: string) {
    this.#slack = slack;
    this.#logger = logger;
    this.#team = team;
  }

  /** What is wrong with the token, or undefined. */
  get problem(): string | undefined {
    return this.#refusal && `Slack rejects SLACK_BOT_TOKEN (${this.#refusal})`;
  }

  /** Asks again and again. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(ASK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.#ask();
    }
  }

  async #ask(): Promise<void> {
    try {
      await this.#slack.call(this.#team, "auth.test", {});
      if (this.#refusal) this.#logger.info("Slack accepts SLACK_BOT_TOKEN again");
      this.#refusal = undefined;
    } catch (error) {
      // An answer that was lost says nothing about the token.
      if (!(error instanceof SlackRefused)) return;
      if (!this.#refusal) this.#logger.error({ err: error }, "Slack rejects SLACK_BOT_TOKEN");
      this.#refusal = error.error;
    }
  }
}
