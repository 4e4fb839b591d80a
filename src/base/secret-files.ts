import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { type Config, ConfigError, isFromFile, readConfig } from "./config.ts";
import { messageOf } from "./errors.ts";
import { keepHidden } from "./redact.ts";

/** Looked at and not watched: Kubernetes replaces such files by another link, which a watch on one misses. In ms. */
const LOOK_MS = 1_000;

/** What is done about other secrets, and who hears of it. */
interface Following {
  config: Config;
  logger: Logger;
  renew: (config: Config) => void;
}

/**
 * Reads the secrets that are in files again when they change, for as long as the process lives. A file that is being
 * written counts when it has been the same for two looks, and one that can't be right is told of and changes nothing.
 */
export function followSecretFiles(env: NodeJS.ProcessEnv, { config, logger, renew }: Following): void {
  if (!isFromFile(env)) return;
  let used = config;
  let seen = config;
  let said: string | undefined;
  const look = (): void => {
    const found = readConfig(env);
    const isSettled = isDeepStrictEqual(found, seen);
    seen = found;
    said = undefined;
    if (!isSettled || isDeepStrictEqual(found, used)) return;
    used = found;
    keepHidden(found);
    renew(found);
  };
  setInterval(() => {
    try {
      look();
    } catch (error) {
      const why = error instanceof ConfigError ? error.problems.join("; ") : messageOf(error);
      if (why !== said)
        logger.warn({ why }, "Files of secrets changed and can't be used; keeping the old ones");
      said = why;
    }
  }, LOOK_MS).unref();
}
