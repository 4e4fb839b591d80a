import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";
import { proxyToken, twinSecrets } from "./secrets.ts";

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

/** All twin runs and the only code that changes them. Timers run in simulated time. */
export class TwinRuns {
  readonly all = new Map<string, TwinRun>();
  readonly #steps = new Map<string, () => void>();
  readonly #expiries = new Map<string, () => void>();
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #changed: () => void;

  constructor(settings: Settings, clock: Clock, changed: () => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @throws Refusal 404 */
  get(runId: string): TwinRun {
    const run = this.all.get(runId);
    if (!run) throw new Refusal(404, "Run not found");
    return run;
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
    if (this.#settings.dialect.ttlFrom === "create") this.#expireIn(run, spec.ttlMinutes, now);
    this.#provision(run);
    this.#changed();
    return run;
  }

  /** Nothing happens to a run that already is. @throws Refusal 404; 400 once the run is over. */
  ready(runId: string): void {
    const run = this.#require(runId, "make ready", LIVE);
    if (run.status === "ready") return;
    this.#drop(this.#steps, run);
    if (run.expiresAt === null) this.#expireIn(run, run.ttlMinutes);
    this.#move(run, "ready");
  }

  /**
   * Ends the run that many simulated minutes from now, whatever was left: the docs describe the call as
   * scheduling the cleanup anew. No observation before and after it has been published.
   * @throws Refusal 404; 400 once the run is over.
   */
  extend(runId: string, ttlMinutes: number): TwinRun {
    const run = this.#require(runId, "extend", LIVE);
    this.#expireIn(run, ttlMinutes);
    run.ttlMinutes = ttlMinutes;
    this.#changed();
    return run;
  }

  /**
   * True when the run was public until now. The docs name no state in which this is refused; that a run which
   * is over refuses it is our guess.
   * @throws Refusal 404; 400 once the run is over.
   */
  lock(runId: string): boolean {
    const run = this.#require(runId, "lock", LIVE);
    const wasPublic = run.isPublic;
    run.isPublic = false;
    this.#changed();
    return wasPublic;
  }

  /** Seeds the twins anew. @throws Refusal 404; 400 unless ready. */
  reset(runId: string): TwinRun {
    const run = this.#require(runId, "reset", ["ready"]);
    run.resets += 1;
    this.#changed();
    return run;
  }

  /** @throws Refusal 404; 400 once the run is over. */
  teardown(runId: string): void {
    const run = this.#require(runId, "tear down", LIVE);
    this.#end(run, "cleaning_up");
    this.#step(run, this.#settings.cleanupSeconds, () => this.#move(run, this.#settings.dialect.tornDown));
  }

  /** @throws Refusal 404; 400 once the run is over. */
  cancel(runId: string): void {
    this.#end(this.#require(runId, "cancel", LIVE), "cancelled");
  }

  /** @throws Refusal 404; 400 once the run is over. */
  fail(runId: string, error: string): void {
    const run = this.#require(runId, "fail", LIVE);
    run.error = error;
    this.#end(run, "failed");
  }

  /** @throws Refusal 404; 400 once the run is over. */
  expire(runId: string): void {
    const run = this.#require(runId, "expire", LIVE);
    run.destroyed = this.#settings.dialect.afterExpiry === "gone";
    this.#end(run, "expired");
    this.#step(run, GONE_AFTER_SECONDS, () => {
      run.destroyed = true;
      this.#changed();
    });
  }

  #require(runId: string, verb: string, states: TwinStatus[]): TwinRun {
    const run = this.get(runId);
    if (!states.includes(run.status)) throw new Refusal(400, `Cannot ${verb} run with status ${run.status}`);
    return run;
  }

  // How long a run is queued is not known; a quarter lets both states be seen.
  #provision(run: TwinRun): void {
    const seconds = this.#settings.provisionSeconds;
    this.#step(run, seconds / 4, () => {
      this.#move(run, "provisioning");
      this.#step(run, (seconds * 3) / 4, () => this.ready(run.runId));
    });
  }

  #expireIn(run: TwinRun, minutes: number, from = Date.now()): void {
    run.expiresAt = this.#clock.instantAfter(from, minutes * 60);
    this.#drop(this.#expiries, run);
    this.#expiries.set(
      run.runId,
      this.#clock.after(minutes * 60, () => this.expire(run.runId)),
    );
  }

  #step(run: TwinRun, seconds: number, next: () => void): void {
    this.#drop(this.#steps, run);
    this.#steps.set(run.runId, this.#clock.after(seconds, next));
  }

  #drop(timers: Map<string, () => void>, run: TwinRun): void {
    timers.get(run.runId)?.();
    timers.delete(run.runId);
  }

  #end(run: TwinRun, status: TwinStatus): void {
    this.#drop(this.#steps, run);
    this.#drop(this.#expiries, run);
    this.#move(run, status);
  }

  #move(run: TwinRun, status: TwinStatus): void {
    run.status = status;
    run.history.push({ status, at: Date.now() });
    this.#changed();
  }
}
