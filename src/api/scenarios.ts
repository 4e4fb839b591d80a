import { z } from "zod";
import { ArgaNotFound } from "./errors.ts";
import { at, plain } from "./paths.ts";
import { flag, freeForm, id, listUnder, recordOf, text, texts, variables } from "./shapes.ts";
import type { Query, RequestOptions, Transport } from "./transport.ts";

/** docs/references/arga-api.md#scenarios */
export interface ScenarioBody {
  name: string;
  /** Expanded into a seed by Arga, which may take a while. */
  prompt?: string;
  description?: string;
  twins?: string[];
  /** What each twin holds at first; sent as it is. The TypeScript SDK rewrites the keys in it, which breaks seeds. */
  seed_config?: Record<string, unknown>;
  tags?: string[];
  /** `fast` or `thorough`. */
  generation_mode?: string;
}

export interface ScenarioFilter {
  twin?: string;
  /** Tags are not unique. */
  tag?: string;
}

const scenario = z.object({
  /** A UUID, or a preset's own id. */
  id,
  name: text,
  description: text,
  prompt: text,
  twins: texts,
  seed_config: freeForm,
  tags: texts,
  is_preset: flag,
  created_at: text,
  updated_at: text,
});

const environmentTwin = z.object({ base_url: text, admin_url: text, env_vars: variables, label: text });

const environment = z.object({
  id: text,
  scenario_id: text,
  status: z.string(),
  requested_twins: texts,
  twins: recordOf(environmentTwin),
  run_id: text,
  dashboard_url: text,
  proxy_token: text,
  public: flag,
  error: text,
  seed_results: freeForm,
  last_seeded_at: text,
  created_at: text,
  updated_at: text,
});

const longRun = z.object({ scenario_id: id, run: z.object({ run_id: id, status: z.string() }) });

export type Scenario = z.infer<typeof scenario>;
/** The standing twins of a scenario. Its statuses are not documented and are carried as they come. */
export type TwinEnvironment = z.infer<typeof environment>;
export type LongRun = z.infer<typeof longRun>;

const ONE = "/scenarios/{id}";
const ENVIRONMENT = `${ONE}/twin-environment`;

/** Scenarios and their standing twins. Methods throw {@link ArgaError}. */
export class Scenarios {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One's own, with the presets if asked for. No paging is documented. */
  list(
    filter: ScenarioFilter & { include_presets?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<Scenario[]> {
    return this.#list("/scenarios", "scenarios", scenario, { query: { ...filter }, signal });
  }

  /**
   * Those that Arga brings along. Their own route is known from a paraphrase only; where there is none they are
   * picked out of the list, which is what the SDKs can do.
   */
  async presets(filter: ScenarioFilter = {}, signal?: AbortSignal): Promise<Scenario[]> {
    try {
      const query = { ...filter };
      return await this.#list("/scenarios/presets", "presets", scenario, { query, signal });
    } catch (error) {
      if (!(error instanceof ArgaNotFound)) throw error;
      const all = await this.list({ ...filter, include_presets: true }, signal);
      return all.filter((each) => each.is_preset === true);
    }
  }

  /** @throws {ArgaNotFound} also for somebody else's. */
  get(id: string, signal?: AbortSignal): Promise<Scenario> {
    return this.#at(ONE, id, { method: "GET", schema: scenario, signal });
  }

  /** May take as long as Arga takes to expand the prompt, up to 60 seconds. */
  create(body: ScenarioBody, signal?: AbortSignal): Promise<Scenario> {
    const place = plain("/scenarios");
    return this.#transport.request({ method: "POST", ...place, body: { ...body }, schema: scenario, signal });
  }

  /** Replaces it: what is left out is gone. */
  update(id: string, body: ScenarioBody, signal?: AbortSignal): Promise<Scenario> {
    return this.#at(ONE, id, { method: "PUT", body: { ...body }, schema: scenario, signal });
  }

  /** What Arga answers is not known, so nothing is read of it. */
  async delete(id: string, signal?: AbortSignal): Promise<void> {
    await this.#at(ONE, id, { method: "DELETE", schema: z.unknown(), signal });
  }

  /** The latest twin run that is under way, of each scenario that has one. */
  longRuns(signal?: AbortSignal): Promise<LongRun[]> {
    return this.#list("/scenarios/long-runs", "runs", longRun, { signal });
  }

  /** Creates the scenario's standing twins, or answers those there are. `public`: as in {@link CreateTwinRun}. */
  createEnvironment(
    id: string,
    body: { public?: boolean; twins?: string[] } = {},
    signal?: AbortSignal,
  ): Promise<TwinEnvironment> {
    return this.#at(ENVIRONMENT, id, { method: "POST", body: { ...body }, schema: environment, signal });
  }

  /** @throws {ArgaNotFound} for a scenario without. */
  environment(id: string, signal?: AbortSignal): Promise<TwinEnvironment> {
    return this.#at(ENVIRONMENT, id, { method: "GET", schema: environment, signal });
  }

  /** Puts the twins' data back to the scenario's seed. */
  reseedEnvironment(id: string, signal?: AbortSignal): Promise<TwinEnvironment> {
    return this.#at(`${ENVIRONMENT}/reseed`, id, { method: "POST", schema: environment, signal });
  }

  /** Answers the environment with `status: "deleted"`. */
  deleteEnvironment(id: string, signal?: AbortSignal): Promise<TwinEnvironment> {
    return this.#at(ENVIRONMENT, id, { method: "DELETE", schema: environment, signal });
  }

  /** The standing twins of all scenarios. */
  environments(signal?: AbortSignal): Promise<TwinEnvironment[]> {
    return this.#list("/scenario-twin-environments", "environments", environment, { signal });
  }

  async #at<T>(
    route: string,
    id: string,
    request: Pick<RequestOptions<T>, "method" | "body" | "schema" | "signal">,
  ): Promise<T> {
    return this.#transport.request({ ...at(route, id), ...request });
  }

  #list<T>(
    path: string,
    key: string,
    item: z.ZodType<T>,
    rest: { query?: Query; signal?: AbortSignal | undefined },
  ): Promise<T[]> {
    const schema = listUnder(key, item);
    return this.#transport.request({ method: "GET", ...plain(path), schema, ...rest });
  }
}
