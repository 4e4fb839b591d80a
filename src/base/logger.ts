import { format } from "node:util";
import { type Logger, pino } from "pino";
import type { Config } from "./config.ts";
import { CodedError } from "./errors.ts";
import { keepHidden, redacted } from "./redact.ts";

/**
 * Structured logs on standard output. Errors are cut down to what helps, and as a last net every line is searched
 * for the process's own secrets before it is written.
 */
export function createLogger(config: Config): Logger {
  keepHidden(config);
  const output = new Output();
  const logger = pino(
    {
      level: config.logLevel,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: brief },
      hooks: { streamWrite: redacted },
    },
    output,
  );
  output.onDropped = (count) =>
    logger.warn({ count }, "Standard output took no lines for a while; some are lost");
  return logger;
}

/** Characters that wait for whoever reads standard output; what comes while nobody does is dropped. */
const WAITING_MOST = 4_000_000;

/** Standard output, without waiting for it: a reader that stands still must not stop the bot, nor its end. */
class Output {
  onDropped: (count: number) => void = () => {};
  #dropped = 0;

  constructor() {
    // Nobody reads any more, such as after `| head`.
    if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => {});
  }

  write(line: string): void {
    if (process.stdout.writableLength > WAITING_MOST) {
      this.#dropped++;
      return;
    }
    process.stdout.write(line);
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.onDropped(dropped);
  }
}

/** Resolves when what was logged is written, or after `ms`. */
export const written = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    process.stdout.write("", () => resolve());
  });

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
