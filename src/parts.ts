import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ArgaClient } from "./api/client.ts";
import type { Config } from "./config.ts";
import { RunQueues } from "./jobs/queues.ts";
import { Workers } from "./jobs/workers.ts";
import { Metrics } from "./metrics.ts";
import { Pacer } from "./slack/pacer.ts";
import { SlackWeb, type TokenOf } from "./slack/web.ts";
import { CatalogStore } from "./store/catalog.ts";
import { connectRedis } from "./store/redis.ts";
import { RunStore } from "./store/runs.ts";

/** Everything that is made once and shared; nothing here talks to anyone yet. */
export interface Parts {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  redis: Redis;
  store: RunStore;
  catalog: CatalogStore;
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
  const tokenOf: TokenOf = async () => config.slack.botToken;
  return {
    config,
    logger,
    metrics,
    redis,
    store,
    catalog: new CatalogStore(redis, prefix),
    queues: new RunQueues(redis, prefix),
    arga: new ArgaClient({
      ...config.arga,
      onRequest: (route, status) => metrics.argaRequests.inc({ route, status: String(status) }),
    }),
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
  const { config, store, queues, logger, metrics } = parts;
  const common = { store, queues, logger };
  return new Workers({
    arga: {
      ...common,
      arga: parts.arga,
      catalog: parts.catalog,
      remindBeforeMs: config.remindBeforeMs,
      signal,
    },
    slack: {
      ...common,
      slack: parts.slack,
      pacer: new Pacer(parts.redis, config.redis.prefix),
      maxTtlMinutes: config.maxTtlMinutes,
      onLag: (seconds) => metrics.lag.observe(seconds),
    },
    redis: config.redis,
    onJob: (queue, outcome) => metrics.jobs.inc({ queue, outcome }),
  });
}
