import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "./base/config.ts";
import { CodedError } from "./base/errors.ts";
import { createLogger, logConsole, written } from "./base/logger.ts";
import { followSecretFiles } from "./base/secret-files.ts";
import { Service } from "./runtime/service.ts";
import { startTracing } from "./runtime/tracing.ts";

/** Stopping takes less; a process that hangs all the same is ended, and its work taken up by another. */
const LAST_RESORT_MS = 9_500;
/** What was recorded last is given up if nobody takes it for so long. */
const LAST_TRACES_MS = 1_000;

/** The composition root: a word on the command line does something else than to run the bot. */
async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) return await runBot();
  const work = COMMANDS[command];
  if (!work) throw new UnknownCommand(command);
  process.exit(await work(args));
}

/** Each loads what it needs when it's asked for, and returns the exit code. */
const COMMANDS: Partial<Record<string, (args: readonly string[]) => Promise<number>>> = {
  doctor: async (args) => (await import("./doctor/main.ts")).doctor(args),
  export: async () => (await import("./store/transfer.ts")).exportAll(),
  import: async () => (await import("./store/transfer.ts")).importAll(),
};

/** The word after `app.js` is none that the bot knows. */
class UnknownCommand extends CodedError {
  readonly code = "COMMAND_UNKNOWN";

  constructor(command: string) {
    super(
      `arga-slack has no command "${command}". It has ${Object.keys(COMMANDS).join(", ")}; without a command it runs the bot.`,
    );
  }
}

/** Environment → configuration → service, and its end on SIGTERM or SIGINT. */
async function runBot(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config);
  logConsole(logger);
  const tracing = await startTracing(process.env, logger);
  const service = new Service(config, logger, tracing?.telemetry);
  followSecretFiles(process.env, { config, logger, renew: (next) => service.renew(next) });
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, "Stopping");
    setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
    void service.stop().then(async () => {
      await Promise.race([tracing?.stop().catch(() => {}), sleep(LAST_TRACES_MS)]);
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
