import * as z from "zod";
import { at, Generations, plain } from "./paths.ts";
import {
  address,
  id,
  jsonListOf,
  label,
  recordOf,
  renamed,
  status,
  text,
  variables,
  word,
} from "./shapes.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** Needs a `branch` or a `pr_url` (docs/references/arga-api.md#sandboxes). */
interface CreateSandboxRun {
  /** `owner/repo`. */
  repo: string;
  branch?: string;
  pr_url?: string;
  /** Default: the scenario's, or those that Arga detects. An unknown name is a 400. */
  twins?: string[];
  /** Saved or preset; wins over `scenario_prompt`. */
  scenario_id?: string;
  scenario_prompt?: string;
  /** 1–480, default 60. */
  ttl_minutes?: number;
  /** Further variables, over the generated ones; sent as they are. */
  env?: Record<string, unknown>;
  /** Seen in a later test of the CLI only; its name on the wire is inferred. */
  app_command?: string;
}

const sandboxRun = z.preprocess(
  renamed("sandbox_id", "id", "run_id"),
  z.object({
    sandbox_id: id,
    status,
    /** null until ready. */
    app_url: address,
    /** In no source; twin runs have one. */
    dashboard_url: address,
    twins: recordOf(z.object({ base_url: address, admin_url: address, env_vars: variables })),
    /** Those of all twins together. */
    env_vars: variables,
  }),
);

const entry = z.object({ timestamp: word, type: label, message: text });
const logs = z.object({ sandbox_id: word, logs: jsonListOf(entry) });
const deleted = z.object({ sandbox_id: word, status: word }).nullish();

/** A sandbox. `status` is one of several sources' words, or one this code has never seen. */
export type SandboxRun = z.infer<typeof sandboxRun>;
type SandboxLogs = z.infer<typeof logs>;
type DeletedSandboxRun = z.infer<typeof deleted>;

/**
 * Sandboxes: `/sandbox-runs`, and `/sandboxes` on a server that does not know the former
 * (docs/references/arga-api.md#path-generations). Methods throw {@link ArgaError}.
 */
export class SandboxRuns {
  readonly #transport: Transport;
  readonly #paths = new Generations(["/sandbox-runs", "/sandboxes"]);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Asynchronous: `queued` at first. Asked once; of a 404 in {@link Generations} more. */
  create(body: CreateSandboxRun, signal?: AbortSignal): Promise<SandboxRun> {
    return this.#paths.collection((path) =>
      this.#transport.request({
        method: "POST",
        ...plain(path),
        body: { ...body },
        schema: sandboxRun,
        signal,
      }),
    );
  }

  /** @throws {ArgaNotFound} also for somebody else's. */
  get(id: string, signal?: AbortSignal): Promise<SandboxRun> {
    return this.#one("", id, { method: "GET", schema: sandboxRun, signal });
  }

  /** All lines so far; no paging is documented. */
  logs(id: string, signal?: AbortSignal): Promise<SandboxLogs> {
    return this.#one("/logs", id, { method: "GET", schema: logs, signal });
  }

  /** Cancels it if it runs; what it leaves is cleaned up later. */
  delete(id: string, signal?: AbortSignal): Promise<DeletedSandboxRun> {
    return this.#one("", id, { method: "DELETE", schema: deleted, signal });
  }

  #one<T>(
    rest: string,
    id: string,
    request: Pick<RequestOptions<T>, "method" | "schema" | "signal">,
  ): Promise<T> {
    return this.#paths.one((path) =>
      this.#transport.request({ ...at(`${path}/{id}${rest}`, id), ...request }),
    );
  }
}
