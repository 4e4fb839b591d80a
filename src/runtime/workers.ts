import type { Worker } from "bullmq";
import { messageOf } from "../base/errors.ts";
import type { Followers } from "../jobs/arga/followers.ts";
import { argaStep } from "../jobs/arga/reconcile.ts";
import { type WatchOptions, watchStep } from "../jobs/arga/watch.ts";
import { tellingHomes } from "../jobs/home/changed.ts";
import type { HomeSide } from "../jobs/home/deps.ts";
import { homeStep } from "../jobs/home/reconcile.ts";
import type { NoticeSide } from "../jobs/notices/deps.ts";
import { noticesStep } from "../jobs/notices/reconcile.ts";
import { SIDES, strangersOf } from "../jobs/queues.ts";
import { type ReconcilerOptions, startReconciler } from "../jobs/reconciler.ts";
import { slackStep } from "../jobs/slack/reconcile.ts";
import { allKinds } from "../kinds/index.ts";
import type { RunRef } from "../runs/run.ts";

export interface WorkersOptions {
  arga: WatchOptions;
  followers: Followers;
  slack: NoticeSide;
  home: HomeSide;
  redis: { url: string; prefix: string };
  onJob: ReconcilerOptions["onJob"];
}

/** What was lost between a record and its queue (a crash, a queue that was emptied) is found again this often. */
const SWEEP_MS = 30_000;

/** The workers of both sides, and the sweep that nothing slips through. */
export class Workers {
  readonly #workers: Worker<RunRef>[];
  readonly #sweep: NodeJS.Timeout;

  readonly #followers: Followers;

  constructor({ arga, followers, slack, home, redis, onJob }: WorkersOptions) {
    this.#followers = followers;
    const { queues, logger } = arga;
    const common = { queues, logger, redis, onJob };
    this.#workers = [
      startReconciler({ ...common, queue: "arga", step: argaStep(arga) }),
      startReconciler({ ...common, queue: "slack", step: tellingHomes(home, slackStep(slack)) }),
      startReconciler({ ...common, queue: "watch", step: watchStep(arga) }),
      startReconciler({ ...common, queue: "home", step: homeStep(home) }),
      startReconciler({ ...common, queue: "notices", step: noticesStep(slack) }),
    ];
    const sweep = (): void => void sweepOnce(slack);
    this.#sweep = setInterval(sweep, SWEEP_MS).unref();
    sweep();
  }

  get isRunning(): boolean {
    return this.#workers.every((worker) => worker.isRunning());
  }

  /** Takes no new jobs and resolves when those at work are done. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([this.#followers.stop(), ...this.#workers.map((worker) => worker.close())]);
  }

  /** Hands back what is at work: another process takes it up within seconds. */
  async abandon(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(true)));
  }
}

async function sweepOnce(side: NoticeSide): Promise<void> {
  const { store, boards, queues, logger } = side;
  try {
    for (const ref of await store.live()) for (const name of SIDES) await queues.ensure(name, ref);
    for (const ref of await boards.live()) await queues.ensure("notices", ref);
    await watchElsewhere(side);
  } catch (error) {
    logger.warn({ why: messageOf(error) }, "The sweep could not look at all runs");
  }
}

/** Where somebody wants to hear of runs that were started elsewhere, somebody looks for them. */
async function watchElsewhere({ subscriptions, queues }: NoticeSide): Promise<void> {
  const listed = allKinds.filter(({ survey }) => survey);
  for (const team of await subscriptions.teams())
    if (await subscriptions.hasElsewhere(team))
      for (const { kind } of listed) await queues.ensure("watch", { team, id: strangersOf(kind) });
}
