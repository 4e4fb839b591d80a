import * as z from "zod";
import { mcpServer } from "./catalog.ts";
import { at, plain } from "./paths.ts";
import {
  address,
  count,
  flag,
  freeForm,
  id,
  label,
  recordOf,
  renamed,
  secret,
  status,
  text,
  variables,
  word,
} from "./shapes.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** What can be asked of a new twin run, by Arga's own field names (docs/references/arga-api.md#creating-a-twin-run). */
interface CreateTwinRun {
  /** Names from the catalog; one on the Free plan. */
  twins: string[];
  /** 1–480. Left out: 60 by the API pages, 30 by the CLI. */
  ttl_minutes?: number;
  /** A saved scenario or a preset; wins over `scenario_prompt`. */
  scenario_id?: string;
  scenario_prompt?: string;
  /** `fast` (Arga's default) or `thorough`; means something with a prompt only. */
  scenario_generation_mode?: string;
  /** false: hosts need the run's proxy token. Arga's default is true. */
  public?: boolean;
  /** The CLI always sends `quickstart`; not documented. */
  scenario?: string;
  /** The CLI sends `candidate_api_only` to hide a twin's UI and control paths; not documented. */
  access_profile?: string;
}

/** The docs list `run_id` alone; fixtures have a status as well. */
const created = z.preprocess(renamed("run_id", "id"), z.object({ run_id: id, status: word }));

const twin = z.object({
  name: label,
  label,
  base_url: address,
  admin_url: address,
  env_vars: variables,
  show_in_ui: flag,
  mcp_url: address,
  mcp: mcpServer,
});

const twinRun = z.object({
  run_id: word,
  status,
  twins: recordOf(twin),
  dashboard_url: address,
  expires_at: word,
  proxy_token: secret,
  is_public: flag,
  error: text,
  /** By twin: `status` of `seeded`, `skipped` or `error`, and counts. Read by the CLI alone. */
  seed_results: freeForm,
});

/** The docs and the TypeScript SDK answer `ttl_minutes`, a Python fixture `expires_at`: both are read. */
const extended = z.object({ status: word, ttl_minutes: count, expires_at: word });
const acted = z.object({ status: word, run_id: word, is_public: flag });
const reset = z.object({
  status: word,
  run_id: word,
  /** `scenario`, `prompt`, `empty`, null; a CLI fixture has `seed` too. */
  baseline_kind: word,
  factory_reset: freeForm,
  seed_results: freeForm,
});

type CreatedTwinRun = z.infer<typeof created>;
/** A twin run as Arga shows it (docs/references/arga-api.md#the-twin-run). `status` may be any word. */
export type TwinRun = z.infer<typeof twinRun>;
type ExtendedTwinRun = z.infer<typeof extended>;
type ActedTwinRun = z.infer<typeof acted>;
type ResetTwinRun = z.infer<typeof reset>;

type Routes = { collection: string; one: string };

/** Section 7: the paths of today. */
export const CANONICAL_ROUTES: Routes = { collection: "/twin-runs", one: "/twin-runs/{id}" };
/** Section 8: the same objects under the older paths; the status has a path of its own. */
export const LEGACY_ROUTES: Routes = {
  collection: "/validate/twins/provision",
  one: "/validate/twins/provision/{id}",
};

/**
 * Twin runs (docs/references/arga-api.md#twin-runs). One class for both generations of paths, because their
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

  /** Asynchronous: the run is `queued` or `provisioning` at first. A quota that is used up is {@link ArgaPlanLimit}. */
  create(body: CreateTwinRun, signal?: AbortSignal): Promise<CreatedTwinRun> {
    const place = plain(this.#routes.collection);
    return this.#transport.request({ method: "POST", ...place, body: { ...body }, schema: created, signal });
  }

  /** @throws {ArgaNotFound} for an unknown id or somebody else's, {@link ArgaGone} for what expired long ago. */
  async get(id: string, signal?: AbortSignal): Promise<TwinRun> {
    const route = this.#routes === LEGACY_ROUTES ? `${this.#routes.one}/status` : this.#routes.one;
    return this.#transport.request({ method: "GET", ...at(route, id), schema: twinRun, signal });
  }

  /**
   * `ttl_minutes` (1–480) counts from now: the run then ends that many minutes later, even if that is sooner. So say
   * the docs; the CLI's help speaks of additional time. Undefined sends no body, and Arga takes 60.
   */
  extend(id: string, ttl_minutes?: number, signal?: AbortSignal): Promise<ExtendedTwinRun> {
    const body = ttl_minutes === undefined ? {} : { body: { ttl_minutes } };
    return this.#act("extend", id, { ...body, schema: extended, signal });
  }

  /** Revokes the public hosts; cannot be undone. */
  lock(id: string, signal?: AbortSignal): Promise<ActedTwinRun> {
    return this.#act("lock", id, { schema: acted, signal });
  }

  /** Asynchronous: the run is `cleaning_up` until a later look says that it ended. */
  teardown(id: string, signal?: AbortSignal): Promise<ActedTwinRun> {
    return this.#act("teardown", id, { schema: acted, signal });
  }

  /** Puts the twins' data back to what they were provisioned with (docs/references/arga-api.md#resetting). */
  async reset(id: string, signal?: AbortSignal): Promise<ResetTwinRun> {
    const place = at(`${LEGACY_ROUTES.one}/reset`, id);
    return this.#transport.request({ method: "POST", ...place, schema: reset, signal });
  }

  async #act<T>(
    action: string,
    id: string,
    rest: Pick<RequestOptions<T>, "body" | "schema" | "signal">,
  ): Promise<T> {
    return this.#transport.request({ method: "POST", ...at(`${this.#routes.one}/${action}`, id), ...rest });
  }
}
