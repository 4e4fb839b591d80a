import { type Arga, type ArgaOptions, startArga } from "../../sim/arga/server.ts";
import { type Slack, type SlackOptions, startSlack } from "../../sim/slack/server.ts";
import { type Bot, startBot } from "./bot.ts";
import { type PrivateRedis, startRedis } from "./redis.ts";
import { type RedisProxy, startRedisProxy } from "./redis-proxy.ts";

/** Whatever Arga does takes half a second or less, and an hour lasts long enough for the slowest of machines. */
const BRISK: ArgaOptions = { speed: 20, provisionSeconds: 10, cleanupSeconds: 4, runSeconds: 14 };

/** Where nobody ever listens. */
const NOBODY = "http://127.0.0.1:1/";

/** A workspace, an Arga, a Redis and the built bot between them: everything real but the first two. */
export interface World {
  slack: Slack;
  arga: Arga;
  redis: PrivateRedis;
  /** Between the bot and its Redis. */
  proxy: RedisProxy;
  bot: Bot;
  /** Where its people talk; a world in which several stories are told has a channel for each. */
  channel: string;
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
  /** Another build of the bot. */
  app?: string;
  /** Makes what is to be there already when the bot starts. */
  before?: (world: Pick<World, "slack" | "arga" | "redis">) => Promise<void>;
}

/** Starts all of it. Stop it in `afterEach` or `afterAll`. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [slack, arga, redis] = await Promise.all([
    startSlack(options.slack),
    startArga({ ...BRISK, ...options.arga }),
    startRedis(),
  ]);
  const proxy = await startRedisProxy(redis.path);
  const mode = options.mode ?? "http";
  const env: Record<string, string> = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    ARGA_API_KEY: arga.key,
    ARGA_API_URL: arga.url,
    REDIS_URL: proxy.url,
    ...(mode === "http"
      ? { SLACK_SIGNING_SECRET: slack.signingSecret }
      : { SLACK_APP_TOKEN: slack.appToken }),
    ...options.env,
  };
  const bots: Bot[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await Promise.all([slack.close(), arga.close(), proxy.close(), redis.stop()]);
  };
  // To nobody once it is gone: its port may soon be another's.
  const deliverTo = (bot: Bot): void => {
    slack.requestUrl(`${bot.url}/slack/events`);
    void bot.exited.then(() => bots.at(-1) === bot && slack.requestUrl(NOBODY));
  };
  const launch = async (more: Record<string, string> = {}): Promise<Bot> => {
    const bot = await start({ ...env, ...more }, options.app);
    bots.push(bot);
    await bot.ready();
    if (mode === "http") deliverTo(bot);
    return bot;
  };
  const begin = async (): Promise<Bot> => {
    if (mode === "http") slack.requestUrl(NOBODY);
    await options.before?.({ slack, arga, redis });
    return await launch();
  };
  // A bot that does not start leaves nothing behind.
  const first = await begin().catch(async (error: unknown) => {
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
    channel: "dev",
    restart: async (more) => {
      world.bot = await launch(more);
      return world.bot;
    },
    stop,
  };
  return world;
}

/** By default the built bot; `START_BOT` names a file that starts it otherwise (bench/mutate/bot-here.ts). */
async function start(env: Record<string, string>, app?: string): Promise<Bot> {
  const { START_BOT: file } = process.env;
  if (file === undefined) return await startBot(env, app);
  const other = (await import(file)) as { startBot: typeof startBot };
  return await other.startBot(env);
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
