import { readConfig } from "./base/config.ts";
import { CodedError } from "./base/errors.ts";
import { createLogger, logConsole, written } from "./base/logger.ts";
import { Service } from "./runtime/service.ts";

/** Stopping takes less; a process that hangs all the same is ended, and its work taken up by another. */
const LAST_RESORT_MS = 9_500;

/** The composition root: environment → configuration → service, and its end on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config);
  logConsole(logger);
  const service = new Service(config, logger);
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, "Stopping");
    setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
    void service.stop().then(async () => {
      logger.info("Stopped");
      await written(300);
      process.exit(0);
    });
  };
  // Not `once`: a second signal would then end the process in the middle.
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  try {
    await service.start();
  } catch (error) {
    if (!isStopping) throw error;
  }
}

main().catch((error: unknown) => {
  // Whoever starts the bot by hand reads this; a known problem needs no stack.
  process.stderr.write(
    `${error instanceof CodedError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
