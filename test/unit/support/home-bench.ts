import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { pino } from "pino";
import { type Arga, startArga } from "../../../sim/arga/server.ts";
import { type Slack, startSlack } from "../../../sim/slack/server.ts";
import { ArgaClient } from "../../../src/api/client.ts";
import type { ReplyDeps } from "../../../src/delivery/reply-to-user.ts";
import type { HomeDeps } from "../../../src/jobs/home/deps.ts";
import { reconcileHome } from "../../../src/jobs/home/reconcile.ts";
import { queuePrefix, RunQueues } from "../../../src/jobs/queues.ts";
import type { ReconcileResult } from "../../../src/jobs/reconciler.ts";
import type { Run, RunRef } from "../../../src/runs/run.ts";
import { Pacer } from "../../../src/slack/pacer.ts";
import { CardLinks } from "../../../src/slack/permalink.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";
import { AppHomeStore, type HomeOwner } from "../../../src/store/app-home.ts";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { SettingsStore } from "../../../src/store/settings.ts";
import { SubscriptionStore } from "../../../src/store/subscriptions.ts";
import { startRedis } from "../../support/redis.ts";
import { failOnUnreadable, runIn } from "./runs.ts";

/** A Redis, a local Slack, a local Arga, and all that makes Homes between them, but for the workers. */
export interface Bench {
  slack: Slack;
  arga: Arga;
  redis: Redis;
  side: HomeDeps & Pick<ReplyDeps, "refreshHome">;
  /** Whose Home it is, by name. */
  of(user: string): HomeOwner;
  /** What the queue's worker would do with that job. */
  step(id: string): Promise<ReconcileResult | undefined>;
  /** Someone opens their Home. */
  open(user: string): Promise<void>;
  /** What their Home shows, as text. */
  home(user: string): string;
  /** The names of the jobs that wait, which are then gone. */
  poked(): Promise<string[]>;
  /** A run of someone's, as it is kept. */
  keep(user: string, more?: Partial<Run>): Promise<Run>;
  stop(): Promise<void>;
}

const PREFIX = "test";

export async function startBench(): Promise<Bench> {
  const [server, slack, arga] = await Promise.all([
    startRedis(),
    startSlack({ now: () => Date.now() }),
    startArga({ examples: true }),
  ]);
  const redis = new Redis(server.path, { maxRetriesPerRequest: null });
  const client = new ArgaClient({ key: arga.key, url: arga.url });
  const queues = new RunQueues(redis, PREFIX);
  const queue = new Queue<RunRef>("home", { connection: redis, prefix: queuePrefix(PREFIX) });
  const deps = sideOf({ redis, slack, client, queues });
  const of = (user: string): HomeOwner => ({ team: slack.teamId, user: slack.user(user).id });
  const homes = deps.homes;
  return {
    slack,
    arga,
    redis,
    side: deps,
    of,
    step: (id) => reconcileHome(deps)({ team: slack.teamId, id }),
    open: async (user) => {
      await homes.opened(of(user), Date.now());
      await reconcileHome(deps)({ team: slack.teamId, id: of(user).user });
    },
    home: (user) => JSON.stringify(slack.home(user)?.blocks ?? []),
    poked: () => taken(queue),
    keep: async (user, more = {}) => {
      const requester = { id: of(user).user, name: user };
      const place = { team: slack.teamId, channel: slack.channel("dev").id };
      const run = runIn("ready", { ...place, id: RunStore.newId(), requester, ...more });
      await deps.store.create(run, { name: run.id });
      return run;
    },
    stop: async () => {
      await Promise.all([queue.close(), queues.close(), client.destroy()]);
      redis.disconnect();
      await Promise.all([slack.close(), arga.close(), server.stop()]);
    },
  };
}

interface Ends {
  redis: Redis;
  slack: Slack;
  client: ArgaClient;
  queues: RunQueues;
}

function sideOf({ redis, slack, client, queues }: Ends): Bench["side"] {
  const logger = pino({ level: "silent" });
  const web = new SlackWeb({ apiUrl: slack.apiUrl, tokens: new BotTokens(slack.botToken), logger });
  return {
    store: new RunStore(redis, PREFIX, failOnUnreadable),
    homes: new AppHomeStore(redis, PREFIX),
    settings: new SettingsStore(redis, PREFIX),
    subscriptions: new SubscriptionStore(redis, PREFIX),
    argaCache: createArgaCache(client, redis, PREFIX),
    queues,
    slack: web,
    pacer: new Pacer(redis, PREFIX),
    links: new CardLinks(web),
    logger,
    admins: new Set(),
    maxTtlMinutes: 480,
    signal: new AbortController().signal,
    refreshHome: ({ team, user }) => queues.enqueue("home", { team, id: user }),
  };
}

async function taken(queue: Queue<RunRef>): Promise<string[]> {
  const jobs = await queue.getJobs(["waiting", "delayed", "prioritized"]);
  await queue.obliterate({ force: true });
  return jobs.map((job) => job.data.id).sort();
}
