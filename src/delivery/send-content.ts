import type { WebAPICallResult } from "@slack/web-api";
import type { Logger } from "pino";
import { SlackRefused } from "../slack/errors.ts";
import type { SlackWeb } from "../slack/web.ts";
import type { Content } from "../views/card.ts";

/** A workspace that refused Slack's newer blocks is spared them for so long, in ms. */
const SPARED_MS = 3600_000;

/** Words with which Slack refuses blocks: kinds that it does not know, or more than it takes. */
const BLOCKS_REFUSED = new Set(["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"]);

/** A call's arguments, with the message that it carries. */
type ContentArgs = { content: Content } & Record<string, unknown>;

/** Sends messages with the newer blocks, or else the plainer ones, or else the text alone, whichever a workspace takes. */
export class ContentSender {
  readonly #slack: SlackWeb;
  readonly #logger: Logger;
  readonly #sparedUntil = new Map<string, number>();

  constructor(slack: SlackWeb, logger: Logger) {
    this.#slack = slack;
    this.#logger = logger;
  }

  /** Throws as {@link SlackWeb.call}. */
  async send(team: string, method: string, { content, ...args }: ContentArgs): Promise<WebAPICallResult> {
    const { text, plainer } = content;
    const [first, ...others] = this.#formsOf(content, team);
    try {
      return await this.#slack.call(team, method, { ...args, text, ...blocksOf(method, first) });
    } catch (error) {
      if (!(error instanceof SlackRefused) || !BLOCKS_REFUSED.has(error.error) || !first) throw error;
      this.#logger[plainer ? "info" : "error"](
        { method, err: error },
        "Slack rejected our blocks; sending simpler ones",
      );
      if (others.length > 1) this.#sparedUntil.set(team, Date.now() + SPARED_MS);
      const simpler = plainer && others.length > 1 ? { text, blocks: plainer } : { text, blocks: [] };
      return await this.send(team, method, { ...args, content: simpler });
    }
  }

  /** Best first; the last is the text alone. */
  #formsOf({ blocks, plainer }: Content, team: string): (Content["blocks"] | undefined)[] {
    if (blocks.length === 0) return [undefined];
    const isSpared = plainer !== undefined && (this.#sparedUntil.get(team) ?? 0) > Date.now();
    return [...(isSpared ? [] : [blocks]), ...(plainer ? [plainer] : []), undefined];
  }
}

/** An edit without the field would leave the old blocks standing. */
const blocksOf = (method: string, form: Content["blocks"] | undefined): Partial<Content> => {
  if (form) return { blocks: form };
  return method === "chat.update" ? { blocks: [] } : {};
};
