import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { ContentSender } from "../delivery/send-content.ts";
import { Followers } from "../jobs/arga/followers.ts";
import { Lifetimes } from "../jobs/arga/lifetimes.ts";
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
import type { RunQueues } from "../jobs/queues.ts";
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
  const pacer = new Pacer(redis, prefix, () => container.clock.now());
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
    lifetimes: new Lifetimes(),
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
      readArtifact: (url) => container.arga.artifacts.read(url, signal),
      announce: (run, message) => announceRun(delivery, run, message),
      lag: metrics.lag,
    },
    notices: delivery,
    home: { ...container, pacer, admins, maxTtlMinutes, signal },
    redis: config.redis,
    telemetry: container.telemetry,
    jobs: metrics.jobs,
  });
}

interface WorkersOptions {
  arga: ListWatchDeps;
  followers: Followers;
  slack: SlackDeps;
  notices: NoticeDeps;
  home: HomeDeps;
  redis: { url: string; prefix: string };
  telemetry: ReconcileWorkerOptions["telemetry"];
  jobs: ReconcileWorkerOptions["jobs"];
}

/** A process takes commands first, and then looks for what was lost, in ms. */
const FIRST_SWEEP_MS = 1_000;
/** A clock that is set back by more than this leaves what was planned before for later than it was meant, in ms. */
const SET_BACK_MS = 5_000;
/** A connection that is away at two looks in a row is worth a line in the log. */
const LOOK_MS = 2_000;

/** Of the clock from one that nobody sets, in ms. */
const clockOffset = (): number => Date.now() - performance.now();

/** The workers of all queues, and the sweep that nothing slips through. */
export class Workers {
  readonly #workers: ReconcileWorker[];
  readonly #connection: Redis;
  readonly #followers: Followers;
  readonly #logger: Logger;
  readonly #queues: RunQueues;
  readonly #sweep: NodeJS.Timeout;
  readonly #first: NodeJS.Timeout;
  readonly #look: NodeJS.Timeout;
  /** The problem at the last look, and the one that was logged. */
  #seen: string | undefined;
  #offset = clockOffset();
  #said: string | undefined;

  constructor({ arga, followers, slack, notices, home, redis, telemetry, jobs }: WorkersOptions) {
    this.#followers = followers;
    const { queues, logger } = arga;
    this.#logger = logger;
    this.#queues = queues;
    this.#connection = queueConnection(redis);
    const common = { queues, logger, connection: this.#connection, prefix: redis.prefix, telemetry, jobs };
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
    this.#look = setInterval(() => {
      this.#lookAtConnections();
      void this.#lookAtClock();
    }, LOOK_MS).unref();
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

  /** Jobs wait for a time by the clock, and a clock can be set. */
  async #lookAtClock(): Promise<void> {
    const offset = clockOffset();
    const back = this.#offset - offset;
    try {
      if (back > SET_BACK_MS) {
        this.#logger.warn({ ms: Math.round(back) }, "The clock was set back; looking at everything again");
        await this.#queues.bringForward();
      }
      this.#offset = offset;
    } catch {
      // Redis is away: the next look tries again.
    }
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
