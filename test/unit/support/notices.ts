import { Redis } from "ioredis";
import { pino } from "pino";
import { vi } from "vitest";
import { type Slack, type SlackMessage, type SlackOptions, startSlack } from "../../../sim/slack/server.ts";
import { readConfig } from "../../../src/base/config.ts";
import { createLogger } from "../../../src/base/logger.ts";
import { ContentSender } from "../../../src/delivery/send-content.ts";
import type { HandlerContext } from "../../../src/handlers/shared/context.ts";
import { announceRun } from "../../../src/jobs/notices/announce.ts";
import type { NoticeDeps } from "../../../src/jobs/notices/deps.ts";
import { reconcileNotices } from "../../../src/jobs/notices/reconcile.ts";
import { RunQueues } from "../../../src/jobs/queues.ts";
import type { SlackDeps } from "../../../src/jobs/slack/deps.ts";
import { announced } from "../../../src/jobs/slack/reconcile.ts";
import type { Filters } from "../../../src/notices/notices.ts";
import { subscribed } from "../../../src/notices/notices.ts";
import { queueSubscriberMessage } from "../../../src/runs/outbox.ts";
import type { Run, RunEvent, SubscriberMessage } from "../../../src/runs/run.ts";
import { createContainer } from "../../../src/runtime/container.ts";
import { Pacer } from "../../../src/slack/pacer.ts";
import { CardLinks } from "../../../src/slack/permalink.ts";
import { Places } from "../../../src/slack/places.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";
import { AppHomeStore } from "../../../src/store/app-home.ts";
import { ChannelOutboxStore } from "../../../src/store/channel-outbox.ts";
import { DigestStore } from "../../../src/store/digests.ts";
import { HistoryStore } from "../../../src/store/history.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { SubscriptionStore } from "../../../src/store/subscriptions.ts";
import { payloadOf } from "../../support/life.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { startRedisProxy } from "../../support/redis-proxy.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";
import { ADA, failOnUnreadable, newRun, runIn } from "./runs.ts";

/** All that a run's worker and a channel's work with. */
type BenchDeps = SlackDeps & NoticeDeps;

/** A Redis and a local Slack, with everything between a run's outbox and its notices. Only the clock is the test's. */
export interface Bench {
  server: PrivateRedis;
  redis: Redis;
  slack: Slack;
  side: BenchDeps;
  /** Another process. */
  sideOn(url: string): { side: BenchDeps; end(): void };
  stop(): Promise<void>;
}

const PREFIX = "test";

export async function startBench(options: SlackOptions = {}): Promise<Bench> {
  const [server, slack] = await Promise.all([
    startRedis(),
    startSlack({ now: () => Date.now(), ...options }),
  ]);
  const redis = new Redis(server.path, { maxRetriesPerRequest: null });
  const queues = new RunQueues(redis, PREFIX);
  return {
    server,
    redis,
    slack,
    side: sideWith(redis, queues, slack),
    sideOn: (url) => {
      // Once its connection is cut it never comes back: the process is dead.
      const own = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
      own.on("error", () => {});
      const ownQueues = new RunQueues(own, PREFIX);
      return { side: sideWith(own, ownQueues, slack), end: () => own.disconnect() };
    },
    stop: async () => {
      await queues.close();
      redis.disconnect();
      await Promise.all([slack.close(), server.stop()]);
    },
  };
}

function sideWith(redis: Redis, queues: RunQueues, slack: Slack): BenchDeps {
  const logger = pino({ level: "silent" });
  const web = new SlackWeb({ apiUrl: slack.apiUrl, tokens: new BotTokens(slack.botToken), logger });
  const homes = new AppHomeStore(redis, PREFIX);
  const pacer = new Pacer(redis, PREFIX);
  const deps: BenchDeps = {
    store: new RunStore(redis, PREFIX, failOnUnreadable),
    queues,
    slack: web,
    sender: new ContentSender(web, logger),
    pacer,
    places: new Places({ slack: web, pacer, logger }),
    logger,
    maxTtlMinutes: 480,
    drawn: new WeakMap(),
    links: new CardLinks(web),
    replies: {
      slack: web,
      homes,
      refreshHome: ({ team, user }) => queues.enqueue("home", { team, id: user }),
    },
    lag: { observe: () => {} },
    subscriptions: new SubscriptionStore(redis, PREFIX),
    boards: new ChannelOutboxStore(redis, PREFIX),
    digests: new DigestStore(redis, PREFIX),
    history: new HistoryStore(redis, PREFIX),
    plan: async () => ({ runsLeft: 12, runsLimit: 100 }),
    readArtifact: async () => "never",
    announce: (run, message) => announceRun(deps, run, message),
  };
  return deps;
}

/** Sets the clock, and nothing else, to the test's own. */
export const ownClock = (): void =>
  void vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 9, 1, 12) });

let deliveries = 0;

/** A channel's subscription, by name of the channel. */
export async function subscribeIn(
  { side: deps, slack }: Bench,
  channel: string,
  more: Partial<Filters> = {},
): Promise<void> {
  const address = { team: slack.teamId, channel: slack.channel(channel).id };
  const filters: Filters = { events: ["completed", "failed"], kinds: [], ...more };
  const wanted = { ...filters, ...address, by: ADA, at: Date.now() };
  await deps.subscriptions.change(address, `d${deliveries++}`, (all) => subscribed(all, wanted));
}

/** A run that just failed, or whatever else is wanted of it, with that still to be told. Kept. */
export async function runThat(
  { side: deps, slack }: Bench,
  event: RunEvent,
  more: Partial<Run> = {},
): Promise<{ run: Run; message: SubscriberMessage }> {
  const outcome = event === "failed" ? ("failed" as const) : ("torn_down" as const);
  const phase = { name: "ended" as const, at: Date.now(), outcome };
  const place = { team: slack.teamId, channel: slack.channel("dev").id, id: RunStore.newId() };
  const told = queueSubscriberMessage(newRun({ ...runIn("ended", { phase }), ...place, ...more }), event);
  await deps.store.create(told, { name: told.id });
  const message = told.outbox.find((each) => each.to === "subscribers");
  if (message?.to !== "subscribers") throw new Error("nothing to tell");
  return { run: told, message };
}

/** All of what a run's worker does about its notices. */
export async function tellRun(bench: Bench, event: RunEvent, more: Partial<Run> = {}): Promise<Run> {
  const { run, message } = await runThat(bench, event, more);
  return (await announced(bench.side, run, message)).run;
}

/** Works a channel's board off: whenever the step says when to look again, it is then. Returns how often it looked. */
export async function settle({ slack, side: deps }: Bench, channel = "dev", most = 200): Promise<number> {
  const ref = { team: slack.teamId, id: slack.channel(channel).id };
  for (let looks = 1; looks <= most; looks++) {
    const outlook = await reconcileNotices(deps)(ref);
    if (outlook?.requeueAt === undefined) return looks;
    vi.setSystemTime(Math.max(Date.now(), outlook.requeueAt));
  }
  throw new Error("the board is never done");
}

export const noticesIn = (slack: Slack, channel = "dev"): SlackMessage[] =>
  slack.messages(channel).filter((message) => payloadOf(message)?.role === "notice");

/** What the handlers work with, on a bench. */
export interface ContextBench {
  context: HandlerContext;
  /** Resolves when what goes on after an acknowledgement is done. */
  done(): Promise<unknown>;
  end(): Promise<void>;
}

export async function startContext({ slack, server, side: deps }: Bench): Promise<ContextBench> {
  const proxy = await startRedisProxy(server.path);
  const config = readConfig({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    ARGA_API_KEY: "arga_sk_x",
    // Nothing listens there.
    ARGA_API_URL: "http://127.0.0.1:1",
    REDIS_URL: proxy.url,
    REDIS_PREFIX: PREFIX,
    LOG_LEVEL: "silent",
  });
  const parts = createContainer(config, createLogger(config));
  // On a busy machine Redis answers late, which is no affair of what is tested here.
  parts.redis.options.commandTimeout = PATIENCE_MS;
  const { subscriptions, boards, digests } = deps;
  const later: Promise<unknown>[] = [];
  const done = (): Promise<unknown> => Promise.allSettled(later);
  return {
    context: {
      ...parts,
      subscriptions,
      boards,
      digests,
      bot: slack.botUserId,
      waitUntil: (work) => void later.push(work),
    },
    done,
    end: async () => {
      await done();
      await parts.queues.close();
      parts.redis.disconnect();
      await parts.arga.destroy();
      await proxy.close();
    },
  };
}
