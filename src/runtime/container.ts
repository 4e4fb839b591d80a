import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ArgaClient } from "../api/client.ts";
import type { Config } from "../base/config.ts";
import { Followers } from "../jobs/arga/followers.ts";
import { lookFor, type WatchOptions } from "../jobs/arga/watch.ts";
import { sayAtHome } from "../jobs/home/changed.ts";
import type { NoticeSide } from "../jobs/notices/deps.ts";
import { expand } from "../jobs/notices/expand.ts";
import { tellOfStrangers } from "../jobs/notices/external-runs.ts";
import { RunQueues } from "../jobs/queues.ts";
import { Pacer } from "../slack/pacer.ts";
import { CardLinks } from "../slack/permalink.ts";
import { SlackWeb, type TokenOf } from "../slack/web.ts";
import { HomeStore } from "../store/app-home.ts";
import { type Knowledge, makeKnowledge } from "../store/arga-cache.ts";
import { BoardStore } from "../store/channel-outbox.ts";
import { connectRedis } from "../store/redis.ts";
import { RunStore } from "../store/runs.ts";
import { SubscriptionStore } from "../store/subscriptions.ts";
import { Metrics } from "./metrics.ts";
import { Workers } from "./workers.ts";

/** Everything that is made once and shared; nothing here talks to anyone yet. */
export interface Parts {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  redis: Redis;
  store: RunStore;
  knowledge: Knowledge;
  subscriptions: SubscriptionStore;
  boards: BoardStore;
  homes: HomeStore;
  queues: RunQueues;
  arga: ArgaClient;
  slack: SlackWeb;
  /** One workspace for now; each caller says which one all the same. */
  tokenOf: TokenOf;
}

export function makeParts(config: Config, logger: Logger): Parts {
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
    knowledge: makeKnowledge(arga, redis, prefix),
    subscriptions: new SubscriptionStore(redis, prefix),
    boards: new BoardStore(redis, prefix),
    homes: new HomeStore(redis, prefix),
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
export function makeWorkers(parts: Parts, signal: AbortSignal): Workers {
  const { config, store, queues, logger, metrics, redis, arga, knowledge, subscriptions, boards } = parts;
  const common = { store, queues, logger };
  const { prefix } = config.redis;
  const side: WatchOptions = {
    ...common,
    arga,
    knowledge,
    remindBeforeMs: config.remindBeforeMs,
    signal,
    followers: { follow: (run) => followers.follow(run), followedFor: (ref) => followers.followedFor(ref) },
    areStrangersWanted: (team) => subscriptions.hasElsewhere(team),
    strangers: (team, sightings) => tellOfStrangers(strangers, { team, kind: "test", sightings }),
  };
  const strangers = { ...common, subscriptions, boards, arga, signal, seen: new Set<string>() };
  const followers = new Followers({ ...common, redis, prefix, arga, look: lookFor(side) });
  const slack: NoticeSide = {
    ...common,
    slack: parts.slack,
    pacer: new Pacer(redis, prefix),
    maxTtlMinutes: config.maxTtlMinutes,
    onLag: (seconds) => metrics.lag.observe(seconds),
    subscriptions,
    boards,
    expand: (run, message) => expand(slack, run, message),
    atHome: (team, user, content) => sayAtHome(parts, { team, user }, content),
  };
  return new Workers({
    arga: side,
    followers,
    slack,
    home: {
      ...common,
      homes: parts.homes,
      subscriptions,
      knowledge,
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
