import type { Worker } from "bullmq";
import type { Logger } from "pino";
import { messageOf } from "../errors.ts";
import type { RunRef } from "../runs/run.ts";
import type { RunStore } from "../store/runs.ts";
import type { Followers } from "./arga/followers.ts";
import { argaStep } from "./arga/step.ts";
import { type WatchOptions, watchStep } from "./arga/watch.ts";
import { type RunQueues, SIDES } from "./queues.ts";
import { type ReconcilerOptions, startReconciler } from "./reconciler.ts";
import type { SlackSide } from "./slack/side.ts";
import { slackStep } from "./slack/step.ts";

export interface WorkersOptions {
  arga: WatchOptions;
  followers: Followers;
  slack: SlackSide;
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

  constructor({ arga, followers, slack, redis, onJob }: WorkersOptions) {
    this.#followers = followers;
    const { store, queues, logger } = arga;
    const common = { queues, logger, redis, onJob };
    this.#workers = [
      startReconciler({ ...common, queue: "arga", step: argaStep(arga) }),
      startReconciler({ ...common, queue: "slack", step: slackStep(slack) }),
      startReconciler({ ...common, queue: "watch", step: watchStep(arga) }),
    ];
    const sweep = (): void => void sweepOnce(store, queues, logger);
    this.#sweep = setInterval(sweep, SWEEP_MS).unref();
    sweep();
  }

  get isRunning(): boolean {
    return this.#workers.every((worker) => worker.isRunning());
  }

  /** Takes no new jobs and resolves when those at work are done. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#followers.stop();
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  /** Hands back what is at work: another process takes it up within seconds. */
  async abandon(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(true)));
  }
}

async function sweepOnce(store: RunStore, queues: RunQueues, logger: Logger): Promise<void> {
  try {
    for (const ref of await store.live()) for (const side of SIDES) await queues.ensure(side, ref);
  } catch (error) {
    logger.warn({ why: messageOf(error) }, "The sweep could not look at all runs");
  }
}
