import { randomUUID } from "node:crypto";
import type { Settings } from "../options.ts";
import { type Kind, Runs } from "./runs.ts";
import { proxyToken, twinSecrets } from "./secrets.ts";
import { dashboardUrl, hostOf, twinShape } from "./twin-view.ts";

// The real values are not known; these follow the twin runs.
export type EnvironmentStatus = "provisioning" | "ready" | "failed" | "deleted";

export interface Environment {
  id: string;
  scenarioId: string;
  status: EnvironmentStatus;
  twins: string[];
  isPublic: boolean;
  runId: string;
  proxyToken: string;
  secrets: Record<string, Record<string, string>>;
  error: string | null;
  lastSeededAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** The twin environments of scenarios, at most one each, and the only code that changes them. */
export class Environments extends Runs<Environment> {
  // Only a reseed looks at the status, after the reset of twin runs.
  protected readonly kind: Kind<EnvironmentStatus> = {
    noun: "Twin environment",
    live: ["ready"],
    refusal: 400,
  };

  /** The environment that the scenario has, or a new one. */
  ensure(scenarioId: string, spec: { twins: string[]; isPublic: boolean }): Environment {
    const existing = this.all.get(scenarioId);
    if (existing && existing.status !== "failed") return existing;
    const now = Date.now();
    const environment: Environment = {
      ...spec,
      id: randomUUID(),
      scenarioId,
      status: "provisioning",
      runId: randomUUID(),
      proxyToken: proxyToken(),
      secrets: Object.fromEntries(spec.twins.map((twin) => [twin, twinSecrets(twin)])),
      error: null,
      lastSeededAt: null,
      createdAt: now,
      updatedAt: now,
    };
    this.all.set(scenarioId, environment);
    const ready = () => this.ready(scenarioId);
    this.walks.start(scenarioId, [{ after: this.settings.provisionSeconds, act: ready }]);
    this.changed();
    return environment;
  }

  /** @throws Refusal 404 */
  ready(scenarioId: string): void {
    const environment = this.get(scenarioId);
    this.walks.drop(scenarioId);
    this.#move(environment, "ready");
    environment.lastSeededAt = environment.updatedAt;
  }

  /** @throws Refusal 404 */
  fail(scenarioId: string, error: string): void {
    const environment = this.get(scenarioId);
    this.walks.drop(scenarioId);
    environment.error = error;
    this.#move(environment, "failed");
  }

  /** @throws Refusal 404; 400 unless ready. */
  reseed(scenarioId: string): Environment {
    const environment = this.require(scenarioId, "reseed");
    this.#move(environment, "ready");
    environment.lastSeededAt = environment.updatedAt;
    return environment;
  }

  /** @throws Refusal 404 */
  remove(scenarioId: string): Environment {
    const environment = this.get(scenarioId);
    this.walks.drop(scenarioId);
    this.all.delete(scenarioId);
    this.#move(environment, "deleted");
    return environment;
  }

  #move(environment: Environment, status: EnvironmentStatus): void {
    environment.status = status;
    environment.updatedAt = Date.now();
    this.changed();
  }
}

/** An environment as all its routes show it; twins only while it is ready, as with twin runs. */
export function environmentView(environment: Environment, settings: Settings): Record<string, unknown> {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const ready = environment.status === "ready";
  return {
    id: environment.id,
    scenario_id: environment.scenarioId,
    status: environment.status,
    requested_twins: environment.twins,
    twins: ready ? twinsOf(environment, settings) : {},
    run_id: environment.runId,
    dashboard_url: dashboardUrl(environment.runId, settings),
    proxy_token: ready ? environment.proxyToken : null,
    public: environment.isPublic,
    error: environment.error,
    seed_results: ready ? seeded(environment) : null,
    last_seeded_at: iso(environment.lastSeededAt),
    created_at: iso(environment.createdAt),
    updated_at: iso(environment.updatedAt),
  };
}

function twinsOf({ id, isPublic, twins, secrets }: Environment, { catalog, dialect }: Settings) {
  const wanted = catalog.filter(({ name }) => twins.includes(name));
  return Object.fromEntries(
    wanted.map((twin) => {
      const adminUrl = hostOf("r", id, twin.name);
      const baseUrl = isPublic ? hostOf("scn-", id, twin.name) : adminUrl;
      const parts = { baseUrl, adminUrl, secrets: secrets[twin.name] ?? {} };
      return [twin.name, twinShape(twin, parts, dialect)];
    }),
  );
}

function seeded({ twins }: Environment): Record<string, unknown> {
  return Object.fromEntries(twins.map((twin) => [twin, { status: "seeded", records: 12 }]));
}
