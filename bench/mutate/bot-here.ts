import { pino } from "pino";
import { readConfig } from "../../src/base/config.ts";
import { Service } from "../../src/runtime/service.ts";
import { addressIn, type Bot } from "../../test/support/bot.ts";

/**
 * The bot from its sources, in this process, where it is known which code a test runs. It ends in order, whatever it is
 * told.
 */
export async function startBot(env: Record<string, string>): Promise<Bot> {
  const lines: string[] = [];
  const config = readConfig({ PORT: "0", ...env });
  const logger = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const service = new Service(config, logger);
  const started = service.start();
  // Whoever waits for it hears of it.
  started.catch(() => {});
  const output = (): string => lines.join("");
  const { promise: exited, resolve: exit } = Promise.withResolvers<number | null>();
  let end: Promise<void> | undefined;
  const stop = (): Promise<void> => (end ??= service.stop().then(() => exit(0)));
  return {
    get url() {
      const url = addressIn(output());
      if (url === undefined) throw new Error("the bot does not listen yet");
      return url;
    },
    output,
    ready: () => started,
    kill: stop,
    signal: () => {
      throw new Error("a bot in this process takes no signals");
    },
    stop: async () => {
      const begun = Date.now();
      await stop();
      return { code: 0, ms: Date.now() - begun };
    },
    exited,
    hasExited: () => end !== undefined,
  };
}
