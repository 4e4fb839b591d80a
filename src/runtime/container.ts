import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ArgaClient } from "../api/client.ts";
import type { Config } from "../base/config.ts";
import { Followers } from "../jobs/arga/followers.ts";
import { followerLook, type ListWatchDeps } from "../jobs/arga/watch.ts";
import { replyOnHome } from "../jobs/home/changed.ts";
import type { NoticeDeps } from "../jobs/notices/deps.ts";
import { expand } from "../jobs/notices/expand.ts";
import { announceExternalRuns } from "../jobs/notices/external-runs.ts";
import { RunQueues } from "../jobs/queues.ts";
import { Pacer } from "../slack/pacer.ts";
import { CardLinks } from "../slack/permalink.ts";
import { SlackWeb, type TokenOf } from "../slack/web.ts";
import { AppHomeStore } from "../store/app-home.ts";
import { type ArgaCache, createArgaCache } from "../store/arga-cache.ts";
import { ChannelOutboxStore } from "../store/channel-outbox.ts";
import { connectRedis } from "../store/redis.ts";
import { RunStore } from "../store/runs.ts";
import { SubscriptionStore } from "../store/subscriptions.ts";
import { Metrics } from "./metrics.ts";
import { Workers } from "./workers.ts";

/** Everything that is made once and shared; nothing here talks to anyone yet. */
export interface Container {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  redis: Redis;
  store: RunStore;
  argaCache: ArgaCache;
  subscriptions: SubscriptionStore;
  boards: ChannelOutboxStore;
  homes: AppHomeStore;
  queues: RunQueues;
  arga: ArgaClient;
  slack: SlackWeb;
  /** One workspace for now; each caller says which one all the same. */
  tokenOf: TokenOf;
}

export function createContainer(config: Config, logger: Logger): Container {
  const { prefix } = config.redis;
  const metrics = new Metrics();
  const redis = connectRedis(config.redis.url, logger);
  const store = new RunStore(redis, prefix);
  metrics.countRuns(store);
  const arga = new ArgaClient({
    ...config.arga,
    onRequest: (route, status) => metrics.argaRequests.inc({ route, status: String(status) }),
  });
  const tokenOf: TokenOf = async () => config.slack.botToken;
  return {
    config,
    logger,
    metrics,
    redis,
    store,
    argaCache: createArgaCache(arga, redis, prefix),
    subscriptions: new SubscriptionStore(redis, prefix),
    boards: new ChannelOutboxStore(redis, prefix),
    homes: new AppHomeStore(redis, prefix),
    queues: new RunQueues(redis, prefix),
    arga,
    slack: new SlackWeb({
      apiUrl: config.slack.apiUrl,
      tokenOf,
      logger,
      onCall: (method, outcome) => metrics.slackCalls.inc({ method, outcome }),
    }),
    tokenOf,
  };
}

/** The workers; `signal` makes them give up what is under way at Arga. */
export function createWorkers(parts: Container, signal: AbortSignal): Workers {
  const { config, store, queues, logger, metrics, redis, arga, argaCache, subscriptions, boards } = parts;
  const common = { store, queues, logger };
  const { prefix } = config.redis;
  const deps: ListWatchDeps = {
    ...common,
    arga,
    argaCache,
    remindBeforeMs: config.remindBeforeMs,
    signal,
    followers: { follow: (run) => followers.follow(run), followedFor: (ref) => followers.followedFor(ref) },
    wantsExternalRuns: (team) => subscriptions.wantsExternalRuns(team),
    announceExternalRuns: (team, runs) => announceExternalRuns(strangers, { team, kind: "test", runs }),
  };
  const strangers = { ...common, subscriptions, boards, arga, signal, seen: new Set<string>() };
  const followers = new Followers({ ...common, redis, prefix, arga, look: followerLook(deps) });
  const slack: NoticeDeps = {
    ...common,
    slack: parts.slack,
    pacer: new Pacer(redis, prefix),
    maxTtlMinutes: config.maxTtlMinutes,
    onLag: (seconds) => metrics.lag.observe(seconds),
    subscriptions,
    boards,
    expand: (run, message) => expand(slack, run, message),
    atHome: (team, user, content) => replyOnHome(parts, { team, user }, content),
  };
  return new Workers({
    arga: deps,
    followers,
    slack,
    home: {
      ...common,
      homes: parts.homes,
      subscriptions,
      argaCache,
      slack: parts.slack,
      pacer: slack.pacer,
      links: new CardLinks(parts.slack),
      admins: config.admins,
      maxTtlMinutes: config.maxTtlMinutes,
      signal,
    },
    redis: config.redis,
    onJob: (queue, outcome) => metrics.jobs.inc({ queue, outcome }),
  });
}
