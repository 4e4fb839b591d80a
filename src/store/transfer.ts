import { text } from "node:stream/consumers";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { readConfig } from "../base/config.ts";
import { CodedError } from "../base/errors.ts";
import { exported } from "./export.ts";
import { importLines } from "./import.ts";
import { connectRedis } from "./redis.ts";
import { RedisCheck } from "./redis-check.ts";

/** Redis didn't do what was asked; the message says why. */
class RedisAway extends CodedError {
  readonly code = "REDIS_AWAY";
}

/** `node dist/app.js export`: writes what the bot keeps to standard output. Returns the exit code. */
export const exportAll = (): Promise<number> =>
  withRedis(async (redis, prefix) => {
    let lines = 0;
    for await (const line of exported(redis, prefix)) {
      await write(`${JSON.stringify(line)}\n`);
      lines++;
    }
    process.stderr.write(`Exported ${lines} lines.\n`);
  });

/** `node dist/app.js import`: takes that from standard input. Returns the exit code. */
export const importAll = (): Promise<number> =>
  withRedis(async (redis, prefix) => {
    const written = await importLines(redis, prefix, await text(process.stdin));
    const { run = 0, subscriptions = 0 } = written;
    process.stderr.write(`Imported ${run} runs and the subscriptions of ${subscriptions} channels.\n`);
  });

/** With the Redis of the settings, and with errors as the bot tells them. */
async function withRedis(work: (redis: Redis, prefix: string) => Promise<void>): Promise<number> {
  const { url, prefix } = readConfig(process.env).redis;
  // Nobody waits for a single answer here, and a large one takes its time.
  const redis = connectRedis({ url, prefix }, pino({ level: "silent" }), 60_000);
  const check = new RedisCheck(redis, { url, prefix });
  try {
    await work(redis, prefix);
    return 0;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new RedisAway(check.explain(error), { cause: error });
  } finally {
    redis.disconnect();
  }
}

/** Waits for whoever reads. */
const write = (words: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(words, (error) => (error ? reject(error) : resolve()));
  });
