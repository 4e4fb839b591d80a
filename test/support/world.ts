import { type Arga, type ArgaOptions, startArga } from "../../sim/arga/server.ts";
import { type Slack, type SlackOptions, startSlack } from "../../sim/slack/server.ts";
import { type Bot, startBot } from "./bot.ts";
import { freePort } from "./ports.ts";
import { type PrivateRedis, startRedis } from "./redis.ts";
import { type RedisProxy, startRedisProxy } from "./redis-proxy.ts";

/** A workspace, an Arga, a Redis and the built bot between them: everything real but the first two. */
export interface World {
  slack: Slack;
  arga: Arga;
  redis: PrivateRedis;
  /** Between the bot and its Redis. */
  proxy: RedisProxy;
  bot: Bot;
  /** Every process there was, oldest first. */
  bots: Bot[];
  env: Record<string, string>;
  /** Another process of the same bot, in place of one that was killed or beside it. */
  restart(more?: Record<string, string>): Promise<Bot>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  mode?: "http" | "socket";
  arga?: ArgaOptions;
  slack?: SlackOptions;
  env?: Record<string, string>;
}

/** Starts all of it. Stop it in `afterEach` or `afterAll`. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [slack, arga, redis, port] = await Promise.all([
    startSlack(options.slack),
    startArga({ speed: 60, provisionSeconds: 30, ...options.arga }),
    startRedis(),
    freePort(),
  ]);
  const proxy = await startRedisProxy(redis.port);
  const mode = options.mode ?? "http";
  const env: Record<string, string> = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    ARGA_API_KEY: arga.key,
    ARGA_API_URL: arga.url,
    REDIS_URL: proxy.url,
    PORT: String(port),
    ...(mode === "http"
      ? { SLACK_SIGNING_SECRET: slack.signingSecret }
      : { SLACK_APP_TOKEN: slack.appToken }),
    ...options.env,
  };
  if (mode === "http") slack.requestUrl(`http://127.0.0.1:${port}/slack/events`);
  const bots: Bot[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await Promise.all([slack.close(), arga.close(), proxy.close(), redis.stop()]);
  };
  const launch = async (more: Record<string, string> = {}): Promise<Bot> => {
    const bot = await startBot({ ...env, ...more });
    bots.push(bot);
    await bot.ready();
    return bot;
  };
  // A bot that does not start leaves nothing behind.
  const first = await launch().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const world: World = {
    slack,
    arga,
    redis,
    proxy,
    env,
    bots,
    bot: first,
    restart: async (more) => {
      world.bot = await launch(more);
      return world.bot;
    },
    stop,
  };
  return world;
}

/** A world of one test's own: gone when that test is over. */
export async function freshWorld(
  onTestFinished: (end: () => Promise<void>) => void,
  options: WorldOptions = {},
): Promise<World> {
  const world = await startWorld(options);
  onTestFinished(() => world.stop());
  return world;
}
