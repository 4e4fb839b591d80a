import type { Readable, Writable } from "node:stream";
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

/** Where the settings are, and what is read and written: the process's own. */
type Surroundings = Pick<NodeJS.Process, "env"> & {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
};

/** `node dist/app.js export`: writes what the bot keeps to standard output. Returns the exit code. */
export const exportAll = ({ env, stdout, stderr }: Surroundings = process): Promise<number> =>
  withRedis(env, async (redis, prefix) => {
    let lines = 0;
    for await (const line of exported(redis, prefix)) {
      await write(stdout, `${JSON.stringify(line)}\n`);
      lines++;
    }
    stderr.write(`Exported ${lines} lines.\n`);
  });

/** `node dist/app.js import`: takes that from standard input. Returns the exit code. */
export const importAll = ({ env, stdin, stderr }: Surroundings = process): Promise<number> =>
  withRedis(env, async (redis, prefix) => {
    const written = await importLines(redis, prefix, await text(stdin));
    const { run = 0, subscriptions = 0 } = written;
    stderr.write(`Imported ${run} runs and the subscriptions of ${subscriptions} channels.\n`);
  });

/** With the Redis of the settings, and with errors as the bot tells them. */
async function withRedis(
  env: NodeJS.ProcessEnv,
  work: (redis: Redis, prefix: string) => Promise<void>,
): Promise<number> {
  const { url, prefix } = readConfig(env).redis;
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
const write = (to: Writable, words: string): Promise<void> =>
  new Promise((resolve, reject) => {
    to.write(words, (error) => (error ? reject(error) : resolve()));
  });
