import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ArgaClient } from "../api/client.ts";
import type { Config } from "../base/config.ts";
import type { ReplyDeps } from "../delivery/reply-to-user.ts";
import { examineParts } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { RunQueues } from "../jobs/queues.ts";
import { People } from "../slack/people.ts";
import { CardLinks } from "../slack/permalink.ts";
import { SlackWeb, type TokenOf } from "../slack/web.ts";
import { AppHomeStore } from "../store/app-home.ts";
import { type ArgaCache, createArgaCache } from "../store/arga-cache.ts";
import { ChannelOutboxStore } from "../store/channel-outbox.ts";
import { DigestStore } from "../store/digests.ts";
import { HistoryStore } from "../store/history.ts";
import { connectRedis } from "../store/redis.ts";
import { RunStore } from "../store/runs.ts";
import { SettingsStore } from "../store/settings.ts";
import { SubscriptionStore } from "../store/subscriptions.ts";
import { Metrics } from "./metrics.ts";

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
  digests: DigestStore;
  history: HistoryStore;
  homes: AppHomeStore;
  settings: SettingsStore;
  queues: RunQueues;
  arga: ArgaClient;
  slack: SlackWeb;
  replies: ReplyDeps;
  /** Where cards are. */
  links: CardLinks;
  people: People;
  /** One workspace for now; each caller says which one all the same. */
  tokenOf: TokenOf;
  /** Uses this bot token and this Arga key from now on. */
  renew: (config: Config) => void;
  /** Looks at all that can be wrong with the set-up, as it is now. */
  examine: () => Promise<Finding[]>;
}

export function createContainer(config: Config, logger: Logger): Container {
  const { prefix } = config.redis;
  const metrics = new Metrics();
  const redis = connectRedis(config.redis, logger);
  const store = new RunStore(redis, prefix, (ref, err) =>
    logger.error({ run: ref.id, err }, "A run's record can't be read; leaving it as it is"),
  );
  metrics.countRuns(store);
  const arga = new ArgaClient({
    ...config.arga,
    onRequest: (route, status) => metrics.argaRequests.inc({ route, status: String(status) }),
  });
  let current = config;
  const tokenOf: TokenOf = async () => current.slack.botToken;
  const renew = (next: Config): void => {
    arga.useKey(next.arga.key);
    current = next;
  };
  const onCall = (method: string, outcome: string): void => metrics.slackCalls.inc({ method, outcome });
  const slack = new SlackWeb({ apiUrl: config.slack.apiUrl, tokenOf, logger, onCall });
  const homes = new AppHomeStore(redis, prefix);
  const queues = new RunQueues(redis, prefix);
  return {
    config,
    logger,
    metrics,
    redis,
    store,
    argaCache: createArgaCache(arga, redis, prefix),
    subscriptions: new SubscriptionStore(redis, prefix),
    boards: new ChannelOutboxStore(redis, prefix),
    digests: new DigestStore(redis, prefix),
    history: new HistoryStore(redis, prefix),
    homes,
    settings: new SettingsStore(redis, prefix),
    queues,
    arga,
    slack,
    replies: { slack, homes, refreshHome: ({ team, user }) => queues.enqueue("home", { team, id: user }) },
    links: new CardLinks(slack),
    people: new People(slack, logger),
    tokenOf,
    renew,
    examine: () => examineParts(current),
  };
}
