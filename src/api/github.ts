import { z } from "zod";
import { plain } from "./paths.ts";
import { flag, listUnder, text } from "./shapes.ts";
import type { Transport } from "./transport.ts";

/** Which repository, and on what its runs are started: `pr` or `branch` (docs/references/arga-api.md#github-events). */
export interface GithubTarget {
  /** `owner/repo`. */
  repo: string;
  trigger_mode: string;
}

const config = z.object({
  repo: text,
  installed: flag,
  installation_id: z.union([z.string(), z.number()]).nullish().catch(undefined),
  enabled: flag,
  trigger_mode: text,
  branch: text,
  default_branch: text,
  comment_on_pr: flag,
});

const installed = z.object({
  repo: text,
  webhook_id: z.union([z.string(), z.number()]).nullish().catch(undefined),
  enabled: flag,
});

export type GithubConfig = z.infer<typeof config>;
export type GithubInstallation = z.infer<typeof installed>;

const CONFIG = plain("/validation/github/config");

/**
 * Validation of pull requests by GitHub events (Team plan). The newer docs page asks for a person's
 * session in place of an API key for some of it, an older one takes keys: with a key it may be refused.
 * Methods throw {@link ArgaError}.
 */
export class Github {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lets Arga hear of the repository's events. `repo` is `owner/repo`. */
  install(repo: string, signal?: AbortSignal): Promise<GithubInstallation> {
    const place = plain("/validation/github/install");
    return this.#transport.request({ method: "POST", ...place, body: { repo }, schema: installed, signal });
  }

  /** The settings of one repository and trigger. */
  config(target: GithubTarget, signal?: AbortSignal): Promise<GithubConfig> {
    return this.#transport.request({
      method: "GET",
      ...CONFIG,
      query: { ...target },
      schema: config,
      signal,
    });
  }

  /** Sets all of them; `branch` with the trigger of that name. */
  configure(
    body: GithubTarget & { comment_on_pr: boolean; branch?: string },
    signal?: AbortSignal,
  ): Promise<GithubConfig> {
    return this.#transport.request({ method: "POST", ...CONFIG, body: { ...body }, schema: config, signal });
  }

  /** Switches one trigger on or off. */
  enable(body: GithubTarget & { enabled: boolean }, signal?: AbortSignal): Promise<GithubConfig> {
    return this.#transport.request({ method: "PATCH", ...CONFIG, body: { ...body }, schema: config, signal });
  }

  /** The settings of all repositories that have it. */
  enabled(signal?: AbortSignal): Promise<GithubConfig[]> {
    const schema = listUnder("configs", config);
    return this.#transport.request({
      method: "GET",
      ...plain("/validation/github/enabled"),
      schema,
      signal,
    });
  }
}
