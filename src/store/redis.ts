import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { CodedError, messageOf } from "../base/errors.ts";
import { readRedisUrl } from "../base/redis-url.ts";
import { askCluster, askSentinel, type Directory, PrimaryConnector } from "./primary-connector.ts";

/** Redis does not answer: nothing can be kept, so nothing is accepted. */
export class StoreUnavailable extends CodedError {
  readonly code = "STORE_UNAVAILABLE";

  constructor(cause: unknown) {
    super("I couldn't save that: Redis isn't answering. Check `/arga list` before you try again.", {
      cause,
    });
  }
}

/** Where Redis is, and how the bot's keys in it begin. */
export interface RedisSettings {
  url: string;
  prefix: string;
}

/** How long one command may take, in milliseconds. A delivery needs a few, and Slack waits 3 s in all. */
const COMMAND_TIMEOUT_MS = 800;
const BRIDGED_MS = 500;
/** Whoever goes on asking a machine that says nothing hears late that it is back, in milliseconds. */
const CONNECT_MS = 3_000;

/** Commands of one turn of the event loop leave in one write: a write for each is what they would cost most. */
class OneWrite extends Redis {
  override sendCommand(...args: Parameters<Redis["sendCommand"]>): unknown {
    const { stream } = this;
    if (stream?.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    return super.sendCommand(...args);
  }
}

/**
 * A connection for commands that someone waits for: it fails fast while Redis is away.
 * BullMQ makes its own from {@link queueConnection}, which waits instead.
 */
export function connectRedis(
  settings: RedisSettings,
  logger: Logger,
  commandTimeout = COMMAND_TIMEOUT_MS,
): Redis {
  const redis = open(OneWrite, settings, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout,
    // The command is refused at once: sent again later, it would do what its person was told had failed.
    reconnectOnError: (error) => (isDemoted(error) ? 1 : false),
  });
  let isAway = false;
  let giveUp: NodeJS.Timeout | undefined;
  redis.on("error", (error: unknown) => {
    if (!isAway) logger.warn({ why: messageOf(error) }, "Lost Redis; reconnecting");
    isAway = true;
  });
  // A short break is bridged by waiting in line; in a long one, everybody would wait for the time-out.
  redis.on("close", () => {
    giveUp ??= setTimeout(() => {
      redis.options.enableOfflineQueue = false;
    }, BRIDGED_MS).unref();
  });
  redis.on("ready", () => {
    clearTimeout(giveUp);
    giveUp = undefined;
    redis.options.enableOfflineQueue = true;
    if (isAway) logger.info("Redis is back");
    isAway = false;
  });
  return redis;
}

/** A connection of a worker or a queue: it waits for Redis as long as it takes. */
export function queueConnection(settings: RedisSettings): Redis {
  const redis = open(Redis, settings, {
    maxRetriesPerRequest: null,
    reconnectOnError: (error) => (isDemoted(error) ? 2 : false),
  });
  // Said once, by the connection above.
  redis.on("error", () => {});
  return redis;
}

/** What the two kinds of connection have of their own. */
type ClientOptions = Pick<
  RedisOptions,
  "commandTimeout" | "lazyConnect" | "maxRetriesPerRequest" | "reconnectOnError"
>;

/** What we don't read ourselves (a plain URL, the path of a socket) is the client's to read. */
function open(Client: typeof Redis, { url, prefix }: RedisSettings, options: ClientOptions): Redis {
  const target = readRedisUrl(url);
  const common = { ...options, retryStrategy: backoff, connectTimeout: CONNECT_MS };
  if (typeof target === "string" || target.mode === "single") return new Client(url, common);
  const { isTls, mode } = target;
  const tls = isTls ? { tls: {} } : {};
  const access = { ...target.access, ...tls };
  const directory: Directory =
    mode === "sentinel"
      ? { servers: target.sentinels, access: { ...target.sentinel, ...tls }, ask: askSentinel(target.name) }
      : { servers: target.nodes, access, ask: askCluster(prefix) };
  class Connector extends PrimaryConnector {
    constructor() {
      super(directory, isTls);
    }
  }
  return new Client({ ...common, ...access, ...(mode === "sentinel" ? { db: target.db } : {}), Connector });
}

/** It was the primary when we connected; its name may lead to another one by now. */
const isDemoted = (error: Error): boolean => /READONLY|^MOVED /.test(error.message);

const backoff = (attempt: number): number => Math.min(100 * 2 ** attempt, 1_000);

type Script = (keys: number, ...keysAndArgs: (string | number)[]) => Promise<unknown>;
const scriptNames = new Map<string, string>();

/**
 * Runs a script by its digest, so that its text travels once for each connection and Redis needn't digest it each time;
 * a Redis that has forgotten it is sent it again.
 */
export async function runScript(
  redis: Redis,
  lua: string,
  keys: readonly string[],
  args: readonly (string | number)[] = [],
): Promise<unknown> {
  const name = scriptNames.get(lua) ?? `script${scriptNames.size}`;
  scriptNames.set(lua, name);
  if (!(name in redis)) redis.defineCommand(name, { lua });
  const run = (redis as unknown as Record<string, Script>)[name];
  return await run?.call(redis, keys.length, ...keys, ...args);
}

/** A command's answer; whatever goes wrong with Redis becomes {@link StoreUnavailable}. */
export async function guarded<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new StoreUnavailable(error);
  }
}
