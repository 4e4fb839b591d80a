import type { Telemetry } from "bullmq";
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
import { BotTokens } from "../slack/tokens.ts";
import { SlackWeb } from "../slack/web.ts";
import { AppHomeStore } from "../store/app-home.ts";
import { type ArgaCache, createArgaCache } from "../store/arga-cache.ts";
import { ChannelOutboxStore } from "../store/channel-outbox.ts";
import { DigestStore } from "../store/digests.ts";
import { HistoryStore } from "../store/history.ts";
import { connectRedis } from "../store/redis.ts";
import { RunStore } from "../store/runs.ts";
import { SettingsStore } from "../store/settings.ts";
import { SharedClock } from "../store/shared-clock.ts";
import { SubscriptionStore } from "../store/subscriptions.ts";
import { Metrics } from "./metrics.ts";

/** Everything that is made once and shared; nothing here talks to anyone yet. */
export interface Container {
  config: Config;
  logger: Logger;
  /** Records jobs as traces, if traces are recorded. */
  telemetry: Telemetry | undefined;
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
  tokens: BotTokens;
  /** The time of all processes. */
  clock: SharedClock;
  /** Uses this bot token and this Arga key from now on. */
  renew: (config: Config) => void;
  /** Looks at all that can be wrong with the set-up, as it is now. */
  examine: () => Promise<Finding[]>;
}

export function createContainer(config: Config, logger: Logger, telemetry?: Telemetry): Container {
  const { prefix } = config.redis;
  const metrics = new Metrics();
  const redis = connectRedis(config.redis, logger);
  const store = new RunStore(redis, prefix, (ref, err) =>
    logger.error({ run: ref.id, err }, "A run's record can't be read; leaving it as it is"),
  );
  metrics.countRuns(store);
  const requests = {
    inc(labels: { route: string; status: number | string }): void {
      metrics.argaRequests.inc(labels);
      // What we gave up ourselves says nothing of Arga.
      if (labels.status !== "ARGA_ABORTED") metrics.noteConnection("arga", isAnswer(labels.status));
    },
  };
  const arga = new ArgaClient({ ...config.arga, requests });
  const tokens = new BotTokens(config.slack.botToken);
  let current = config;
  const renew = (next: Config): void => {
    arga.useKey(next.arga.key);
    tokens.replace(next.slack.botToken);
    current = next;
  };
  const calls = {
    inc(labels: { method: string; outcome: string }): void {
      metrics.slackCalls.inc(labels);
      metrics.noteConnection("slack_web", !NO_ANSWERS.has(labels.outcome));
    },
  };
  const slack = new SlackWeb({ apiUrl: config.slack.apiUrl, tokens, logger, calls });
  const homes = new AppHomeStore(redis, prefix);
  const queues = new RunQueues(redis, prefix, telemetry);
  metrics.countJobs(queues);
  return {
    config,
    logger,
    telemetry,
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
    tokens,
    clock: new SharedClock(redis),
    renew,
    examine: () => examineParts(current),
  };
}

/** Of Arga, to a key that it knows. */
const isAnswer = (status: number | string): boolean =>
  typeof status === "number" && status < 500 && status !== 401;

/** Outcomes of calls to Slack that say that nothing gets through, or that the token is none any more. */
const NO_ANSWERS = new Set([
  "SLACK_UNREACHABLE",
  "SLACK_UNCLEAR",
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
]);
