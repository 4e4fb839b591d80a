import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { RunQueues } from "../jobs/queues.ts";
import { kindNames } from "../kinds/index.ts";
import type { RunStore } from "../store/runs.ts";

/**
 * How often the event loop's lag is sampled, in ms; what is reported includes it. By default it's every 10 ms, for which an
 * idle process is awake a hundred times a second.
 */
const LOOP_SAMPLE_MS = 50;

type Connection = "redis" | "queues" | "slack_socket" | "slack_web" | "arga";

/** What the process counts (docs/operations.md#metrics). No label ever holds a person, a channel or a secret. */
export class Metrics {
  readonly registry = new Registry();
  readonly ack: Histogram<"type">;
  readonly jobs: Counter<"queue" | "outcome">;
  readonly slackCalls: Counter<"method" | "outcome">;
  readonly argaRequests: Counter<"route" | "status">;
  readonly lag: Histogram;
  readonly #connections = new Map<Connection, () => Promise<boolean> | boolean>();

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
    this.ack = new Histogram({
      name: "arga_slack_ack_seconds",
      help: "From a Slack delivery's arrival to its acknowledgement.",
      labelNames: ["type"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
      registers,
    });
    this.jobs = counter("arga_slack_jobs_total", "Looks at a run, by queue and how they went.", registers, [
      "queue",
      "outcome",
    ]);
    this.slackCalls = counter("arga_slack_slack_calls_total", "Calls to Slack.", registers, [
      "method",
      "outcome",
    ]);
    this.argaRequests = counter("arga_slack_arga_requests_total", "Requests to Arga.", registers, [
      "route",
      "status",
    ]);
    this.lag = new Histogram({
      name: "arga_slack_status_lag_seconds",
      help: "From the moment a run's new phase was known until its card showed it.",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    const connections = this.#connections;
    new Gauge({
      name: "arga_slack_connection_up",
      help: "Whether a connection of the process works: 1 or 0.",
      labelNames: ["connection"],
      registers,
      async collect() {
        for (const [connection, works] of connections) this.set({ connection }, (await works()) ? 1 : 0);
      },
    });
  }

  /** The gauge asks whether this connection works when someone looks. */
  watchConnection(connection: Connection, works: () => Promise<boolean> | boolean): void {
    this.#connections.set(connection, works);
  }

  /** The gauge shows how the last call went, of a server that is only asked if there's something to ask. */
  noteConnection(connection: Connection, works: boolean): void {
    this.#connections.set(connection, () => works);
  }

  /** The gauge says of each part whether it works, when someone asks. */
  watchParts(look: () => Promise<ReadonlyMap<string, boolean>>): void {
    new Gauge({
      name: "arga_slack_up",
      help: "Whether a part that the process needs works: 1 or 0, as /readyz says.",
      labelNames: ["part"],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const [part, works] of await look()) this.set({ part }, works ? 1 : 0);
      },
    });
  }

  /** The gauge is read from the queues when someone asks. */
  countJobs(queues: RunQueues): void {
    new Gauge({
      name: "arga_slack_queue_jobs",
      help: "Jobs by queue and state: waiting for a worker, active, or delayed until their time.",
      labelNames: ["queue", "state"],
      registers: [this.registry],
      async collect() {
        this.reset();
        const counts = await queues.counts().catch(() => []);
        for (const { queue, state, count } of counts) this.set({ queue, state }, count);
      },
    });
  }

  /** The gauge is read from the records when someone asks. */
  countRuns(store: RunStore): void {
    new Gauge({
      name: "arga_slack_runs",
      help: "Runs that still have something to do, by kind and state.",
      labelNames: ["kind", "state"],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const kind of kindNames) this.set({ kind, state: "ready" }, 0);
        // Without Redis the process's own figures are wanted all the more.
        const runs = await store.liveRuns().catch(() => []);
        for (const run of runs) this.inc({ kind: run.kind, state: run.phase.name });
      },
    });
  }
}

const counter = <Label extends string>(
  name: string,
  help: string,
  registers: Registry[],
  labelNames: Label[],
): Counter<Label> => new Counter({ name, help, labelNames, registers });
