import { z } from "zod";
import type { RequestOptions, Transport } from "./transport.ts";

/** What can be asked of a new twin run (facts/arga-api.md, section 7.1). Arga's own field names. */
export interface CreateTwinRun {
  twins: string[];
  /** 1–480. */
  ttl_minutes?: number;
  scenario_id?: string;
  scenario_prompt?: string;
  /** false: hosts need the run's proxy token. Arga's default is true. */
  public?: boolean;
}

const text = z.string().nullish();

const created = z.object({ run_id: z.string().min(1), status: text });

const twin = z.object({
  name: text,
  label: text,
  base_url: text,
  admin_url: text,
  env_vars: z.record(z.string(), z.coerce.string()).nullish(),
  show_in_ui: z.boolean().nullish(),
  mcp_url: text,
});

const twinRun = z.object({
  run_id: text,
  status: z.string(),
  twins: z.record(z.string(), twin).nullish(),
  dashboard_url: text,
  expires_at: text,
  proxy_token: text,
  is_public: z.boolean().nullish(),
  error: text,
});

const extended = z.object({ status: text, ttl_minutes: z.number().nullish(), expires_at: text });
const acted = z.object({ status: text, run_id: text, is_public: z.boolean().nullish() });

export type CreatedTwinRun = z.infer<typeof created>;
/** A twin run as Arga shows it (section 7.3). `status` may be a word this code has never seen. */
export type TwinRun = z.infer<typeof twinRun>;
export type ExtendedTwinRun = z.infer<typeof extended>;
export type ActedTwinRun = z.infer<typeof acted>;

type Routes = { collection: string; one: string };

/** Section 7: the paths of today. */
export const CANONICAL_ROUTES: Routes = { collection: "/twin-runs", one: "/twin-runs/{id}" };
/** Section 8: the same objects under the paths of before; the status has a path of its own. */
export const LEGACY_ROUTES: Routes = {
  collection: "/validate/twins/provision",
  one: "/validate/twins/provision/{id}",
};

/**
 * Twin runs (facts/arga-api.md, sections 7 and 8). One class for both generations of paths, because their
 * objects are the same; `reset` exists on the legacy path alone.
 * Every method throws {@link ArgaError}.
 */
export class TwinRuns {
  readonly #transport: Transport;
  readonly #routes: Routes;

  constructor(transport: Transport, routes: Routes) {
    this.#transport = transport;
    this.#routes = routes;
  }

  create(body: CreateTwinRun, signal?: AbortSignal): Promise<CreatedTwinRun> {
    const { collection } = this.#routes;
    return this.#transport.request({
      method: "POST",
      path: collection,
      route: collection,
      body: { ...body },
      schema: created,
      signal,
    });
  }

  get(id: string, signal?: AbortSignal): Promise<TwinRun> {
    const route = this.#routes === LEGACY_ROUTES ? `${this.#routes.one}/status` : this.#routes.one;
    return this.#transport.request({ method: "GET", ...at(route, id), schema: twinRun, signal });
  }

  /** `ttl_minutes` counts from now: the run then ends that many minutes later, even if that is sooner (section 7.4). */
  extend(id: string, ttl_minutes: number, signal?: AbortSignal): Promise<ExtendedTwinRun> {
    return this.#act("extend", id, { body: { ttl_minutes }, schema: extended, signal });
  }

  /** Revokes the public hosts; cannot be undone (section 7.5). */
  lock(id: string, signal?: AbortSignal): Promise<ActedTwinRun> {
    return this.#act("lock", id, { schema: acted, signal });
  }

  /** Asynchronous: the run is `cleaning_up` until a later look says that it ended. */
  teardown(id: string, signal?: AbortSignal): Promise<ActedTwinRun> {
    return this.#act("teardown", id, { schema: acted, signal });
  }

  /** Puts the twins' data back to what they were provisioned with (section 8). */
  reset(id: string, signal?: AbortSignal): Promise<ActedTwinRun> {
    const place = at(`${LEGACY_ROUTES.one}/reset`, id);
    return this.#transport.request({ method: "POST", ...place, schema: acted, signal });
  }

  #act<T>(
    action: string,
    id: string,
    rest: Pick<RequestOptions<T>, "body" | "schema" | "signal">,
  ): Promise<T> {
    return this.#transport.request({ method: "POST", ...at(`${this.#routes.one}/${action}`, id), ...rest });
  }
}

const at = (route: string, id: string): { route: string; path: string } => ({
  route,
  path: route.replace("{id}", encodeURIComponent(id)),
});
