import { format } from "node:util";
import { type Logger, pino } from "pino";
import type { Config } from "./config.ts";
import { CodedError } from "./errors.ts";

/**
 * Structured logs on standard output. Errors are cut down to what helps, and as a last net every line is searched
 * for the process's own secrets before it is written.
 */
export function createLogger(config: Config): Logger {
  const { botToken, intake } = config.slack;
  const secrets = [
    botToken,
    config.arga.key,
    ...(intake.mode === "http" ? [intake.signingSecret] : []),
    ...(intake.mode === "socket" ? [intake.appToken] : []),
    new URL(config.redis.url).password,
  ].filter((secret) => secret.length >= 6);
  return pino({
    level: config.logLevel,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: brief },
    hooks: {
      streamWrite: (line) => secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line),
    },
  });
}

/** What libraries say to the console becomes lines of the log. */
export function logConsole(logger: Logger): void {
  const line =
    (level: "debug" | "info" | "warn" | "error") =>
    (...words: unknown[]): void =>
      logger[level]({ from: "library" }, format(...words));
  const [debug, info, warn, error] = [line("debug"), line("info"), line("warn"), line("error")];
  Object.assign(globalThis.console, { debug, info, log: info, warn, error });
}

/** No own properties of foreign errors: some carry requests with their headers. */
function brief(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...(error instanceof CodedError ? { code: error.code } : { stack: error.stack }),
    ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
  };
}
