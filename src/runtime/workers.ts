import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ContentSender } from "../delivery/send-content.ts";
import { Followers } from "../jobs/arga/followers.ts";
import { observeForFollower } from "../jobs/arga/observe.ts";
import { reconcileArga } from "../jobs/arga/reconcile.ts";
import { type ListWatchDeps, reconcileWatch } from "../jobs/arga/watch.ts";
import { thenRefreshHomes } from "../jobs/home/changed.ts";
import type { HomeDeps } from "../jobs/home/deps.ts";
import { reconcileHome } from "../jobs/home/reconcile.ts";
import { announceRun } from "../jobs/notices/announce.ts";
import type { NoticeDeps } from "../jobs/notices/deps.ts";
import { announceExternalRuns } from "../jobs/notices/external-runs.ts";
import { reconcileNotices } from "../jobs/notices/reconcile.ts";
import { ReconcileWorker, type ReconcileWorkerOptions } from "../jobs/reconciler.ts";
import type { SlackDeps } from "../jobs/slack/deps.ts";
import { reconcileSlack } from "../jobs/slack/reconcile.ts";
import { Pacer } from "../slack/pacer.ts";
import { Places } from "../slack/places.ts";
import { queueConnection } from "../store/redis.ts";
import type { Container } from "./container.ts";
import { SWEEP_MS, sweepInTurn, sweepNow } from "./sweep.ts";

/** A digest waits for Arga's word on its plan no longer than this, in ms. */
const PLAN_MS = 3_000;

/** The workers; `signal` makes them give up what is under way at Arga. */
export function createWorkers(container: Container, signal: AbortSignal): Workers {
  const { config, metrics, redis } = container;
  const { prefix } = config.redis;
  const pacer = new Pacer(redis, prefix);
  const delivery = {
    ...container,
    pacer,
    sender: new ContentSender(container.slack, container.logger),
    plan: async () => (await container.argaCache.plan.getWithin(PLAN_MS))?.value,
  };
  const { maxTtlMinutes, admins, remindBeforeMs } = config;
  const arga: ListWatchDeps = {
    ...container,
    remindBeforeMs,
    signal,
    creating: new Set(),
    followers: { follow: (run) => followers.follow(run), followedFor: (ref) => followers.followedFor(ref) },
    wantsExternalRuns: (team) => container.subscriptions.wantsExternalRuns(team),
    announceExternalRuns: (list) => announceExternalRuns(external, list),
  };
  const external = { ...container, signal, seen: new Set<string>() };
  const followers = new Followers({ ...container, prefix, look: observeForFollower(arga) });
  return new Workers({
    arga,
    followers,
    slack: {
      ...delivery,
      places: new Places(delivery),
      maxTtlMinutes,
      drawn: new WeakMap(),
      announce: (run, message) => announceRun(delivery, run, message),
      onLag: (seconds) => metrics.lag.observe(seconds),
    },
    notices: delivery,
    home: { ...container, pacer, admins, maxTtlMinutes, signal },
    redis: config.redis,
    onJob: (queue, outcome) => metrics.jobs.inc({ queue, outcome }),
  });
}

interface WorkersOptions {
  arga: ListWatchDeps;
  followers: Followers;
  slack: SlackDeps;
  notices: NoticeDeps;
  home: HomeDeps;
  redis: { url: string; prefix: string };
  onJob: ReconcileWorkerOptions["onJob"];
}

/** A process takes commands first, and then looks for what was lost, in ms. */
const FIRST_SWEEP_MS = 1_000;
/** A connection that is away at two looks in a row is worth a line in the log. */
const LOOK_MS = 2_000;

/** The workers of all queues, and the sweep that nothing slips through. */
export class Workers {
  readonly #workers: ReconcileWorker[];
  readonly #connection: Redis;
  readonly #followers: Followers;
  readonly #logger: Logger;
  readonly #sweep: NodeJS.Timeout;
  readonly #first: NodeJS.Timeout;
  readonly #look: NodeJS.Timeout;
  /** The problem at the last look, and the one that was logged. */
  #seen: string | undefined;
  #said: string | undefined;

  constructor({ arga, followers, slack, notices, home, redis, onJob }: WorkersOptions) {
    this.#followers = followers;
    const { queues, logger } = arga;
    this.#logger = logger;
    this.#connection = queueConnection(redis);
    const common = { queues, logger, connection: this.#connection, prefix: redis.prefix, onJob };
    this.#workers = [
      new ReconcileWorker({ ...common, queue: "arga", reconciler: reconcileArga(arga) }),
      new ReconcileWorker({
        ...common,
        queue: "slack",
        reconciler: thenRefreshHomes(home, reconcileSlack(slack)),
      }),
      new ReconcileWorker({ ...common, queue: "watch", reconciler: reconcileWatch(arga) }),
      new ReconcileWorker({ ...common, queue: "home", reconciler: reconcileHome(home) }),
      new ReconcileWorker({ ...common, queue: "notices", reconciler: reconcileNotices(notices) }),
    ];
    const sweepDeps = { ...notices, store: slack.store };
    this.#sweep = setInterval(() => void sweepInTurn(sweepDeps), SWEEP_MS).unref();
    this.#look = setInterval(() => this.#lookAtConnections(), LOOK_MS).unref();
    this.#first = setTimeout(() => void sweepNow(sweepDeps), FIRST_SWEEP_MS).unref();
  }

  /** Which queues have no worker at work and why, or undefined. */
  get problem(): string | undefined {
    const found = new Map<string, string[]>();
    for (const { name, problem } of this.#workers)
      if (problem !== undefined) found.set(problem, [...(found.get(problem) ?? []), name]);
    if (found.size === 0) return undefined;
    return [...found].map(([problem, names]) => `${names.join(", ")}: ${problem}`).join("; ");
  }

  #lookAtConnections(): void {
    const problem = this.problem;
    if (problem !== undefined && this.#seen !== undefined && this.#said === undefined) {
      this.#said = problem;
      this.#logger.warn(
        { why: problem },
        "Queues have no connection to Redis; retrying. Does its maxclients allow more?",
      );
    }
    if (problem === undefined && this.#said !== undefined) {
      this.#said = undefined;
      this.#logger.info("Queues have their connections to Redis");
    }
    this.#seen = problem;
  }

  /** Takes no new jobs and resolves when those at work are done. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    clearTimeout(this.#first);
    clearInterval(this.#look);
    await Promise.all([this.#followers.stop(), ...this.#workers.map((worker) => worker.close())]);
    this.#connection.disconnect();
  }

  /** Hands back what is at work: another process takes it up within seconds. */
  async abandon(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(true)));
  }
}
