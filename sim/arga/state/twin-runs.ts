import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import { type Kind, Runs } from "./runs.ts";
import { proxyToken, twinSecrets } from "./secrets.ts";
import { Walks } from "./walks.ts";

export type TwinStatus =
  | "queued"
  | "provisioning"
  | "ready"
  | "failed"
  | "expired"
  | "cleaning_up"
  | "torn_down"
  | "cancelled";

export interface TwinSpec {
  twins: string[];
  ttlMinutes: number;
  isPublic: boolean;
  /** What the twins were seeded from, and are seeded from again by a reset. */
  baseline: "scenario" | "prompt" | "empty";
  scenarioId?: string | null;
}

export interface TwinRun extends Required<TwinSpec> {
  runId: string;
  status: TwinStatus;
  /** Epoch milliseconds of the wall clock, as all instants here. */
  createdAt: number;
  expiresAt: number | null;
  proxyToken: string;
  /** Fake secrets by twin and variable. */
  secrets: Record<string, Record<string, string>>;
  error: string | null;
  resets: number;
  /** The status route answers 410 from here on. */
  destroyed: boolean;
  history: { status: TwinStatus; at: number }[];
}

const LIVE: TwinStatus[] = ["queued", "provisioning", "ready"];
const GONE_AFTER_SECONDS = 600;

/** All twin runs and the only code that changes them. */
export class TwinRuns extends Runs<TwinRun> {
  protected readonly kind: Kind<TwinStatus> = { noun: "Run", live: LIVE, refusal: 400 };
  /** Their ends, which come whatever the runs do until then. */
  readonly #ends: Walks;
  readonly #clock: Clock;

  constructor(settings: Settings, clock: Clock, changed: () => void) {
    super(settings, clock, changed);
    this.#ends = new Walks(clock);
    this.#clock = clock;
  }

  /** A queued run that makes its own way to ready, and later to its end. */
  create(spec: TwinSpec): TwinRun {
    const now = Date.now();
    const run: TwinRun = {
      scenarioId: null,
      ...spec,
      runId: randomUUID(),
      status: "queued",
      createdAt: now,
      expiresAt: null,
      proxyToken: proxyToken(),
      secrets: Object.fromEntries(spec.twins.map((twin) => [twin, twinSecrets(twin)])),
      error: null,
      resets: 0,
      destroyed: false,
      history: [{ status: "queued", at: now }],
    };
    this.all.set(run.runId, run);
    if (this.settings.dialect.ttlFrom === "create") this.#expireIn(run, spec.ttlMinutes * 60, now);
    this.#provision(run);
    this.changed();
    return run;
  }

  /** Nothing happens to a run that already is. @throws Refusal 404; 400 once the run is over. */
  ready(runId: string): void {
    const run = this.require(runId, "make ready");
    if (run.status === "ready") return;
    this.walks.drop(runId);
    if (run.expiresAt === null) this.#expireIn(run, run.ttlMinutes * 60);
    this.#move(run, "ready");
  }

  /** Time passes faster or slower from now on, for everything; the ends that runs tell of move with it. */
  pace(speed: number): void {
    const left = [...this.all.values()].flatMap((run) =>
      LIVE.includes(run.status) && run.expiresAt !== null
        ? [{ run, seconds: this.#clock.secondsUntil(run.expiresAt) }]
        : [],
    );
    this.#clock.pace(speed);
    for (const { run, seconds } of left) run.expiresAt = this.#clock.instantAfter(Date.now(), seconds);
    this.changed();
  }

  /**
   * Ends the run that many simulated minutes from now, whatever was left: the docs describe the call as
   * scheduling the cleanup anew. The CLI's words have it after the end so far, which the dialect can choose;
   * no observation before and after it has been published.
   * @throws Refusal 404; 400 once the run is over.
   */
  extend(runId: string, ttlMinutes: number): TwinRun {
    const run = this.require(runId, "extend");
    const end = this.settings.dialect.extendFrom === "end" ? run.expiresAt : null;
    const left = end === null ? 0 : this.#clock.secondsUntil(end);
    this.#expireIn(run, left + ttlMinutes * 60);
    run.ttlMinutes = ttlMinutes;
    this.changed();
    return run;
  }

  /**
   * True when the run was public until now. The docs name no state in which this is refused; that a run which
   * is over refuses it is our guess.
   * @throws Refusal 404; 400 once the run is over.
   */
  lock(runId: string): boolean {
    const run = this.require(runId, "lock");
    const wasPublic = run.isPublic;
    run.isPublic = false;
    this.changed();
    return wasPublic;
  }

  /** Seeds the twins anew. @throws Refusal 404; 400 unless ready. */
  reset(runId: string): TwinRun {
    const run = this.require(runId, "reset", ["ready"]);
    run.resets += 1;
    this.changed();
    return run;
  }

  /** @throws Refusal 404; 400 once the run is over. */
  teardown(runId: string): void {
    const run = this.require(runId, "tear down");
    this.#end(run, "cleaning_up");
    const { cleanupSeconds, dialect } = this.settings;
    this.walks.start(runId, [{ after: cleanupSeconds, act: () => this.#move(run, dialect.tornDown) }]);
  }

  /** @throws Refusal 404; 400 once the run is over. */
  cancel(runId: string): void {
    this.#end(this.require(runId, "cancel"), "cancelled");
  }

  /** @throws Refusal 404; 400 once the run is over. */
  fail(runId: string, error: string): void {
    const run = this.require(runId, "fail");
    run.error = error;
    this.#end(run, "failed");
  }

  /** @throws Refusal 404; 400 once the run is over. */
  expire(runId: string): void {
    const run = this.require(runId, "expire");
    run.destroyed = this.settings.dialect.afterExpiry === "gone";
    this.#end(run, "expired");
    const destroy = () => {
      run.destroyed = true;
      this.changed();
    };
    this.walks.start(runId, [{ after: GONE_AFTER_SECONDS, act: destroy }]);
  }

  // How long a run is queued is not known; a quarter lets both states be seen.
  #provision(run: TwinRun): void {
    const seconds = this.settings.provisionSeconds;
    this.walks.start(run.runId, [
      { after: seconds / 4, act: () => this.#move(run, "provisioning") },
      { after: (seconds * 3) / 4, act: () => this.ready(run.runId) },
    ]);
  }

  #expireIn(run: TwinRun, seconds: number, from = Date.now()): void {
    run.expiresAt = this.#clock.instantAfter(from, seconds);
    this.#ends.start(run.runId, [{ after: seconds, act: () => this.expire(run.runId) }]);
  }

  #end(run: TwinRun, status: TwinStatus): void {
    this.walks.drop(run.runId);
    this.#ends.drop(run.runId);
    this.#move(run, status);
  }

  #move(run: TwinRun, status: TwinStatus): void {
    run.status = status;
    run.history.push({ status, at: Date.now() });
    this.changed();
  }
}
