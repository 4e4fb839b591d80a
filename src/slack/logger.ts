import { LogLevel, type Logger as SlackLogger } from "@slack/web-api";
import type { Logger } from "pino";

/**
 * Slack's libraries log into ours. Never below warnings: their debug lines hold whole payloads, with what people
 * typed and where to answer.
 */
export function slackLogger(logger: Logger): SlackLogger {
  const text = (parts: unknown[]): string => parts.map(String).join(" ");
  return {
    debug: () => {},
    info: () => {},
    // Whoever made the call says it, and why.
    warn: (...parts) => {
      if (parts[0] !== "http request failed") logger.warn(text(parts));
    },
    error: (...parts) => logger.warn(text(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
