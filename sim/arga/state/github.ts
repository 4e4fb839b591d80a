export interface GithubConfig {
  repo: string;
  installed: boolean;
  installation_id: number | null;
  enabled: boolean;
  trigger_mode: "pr" | "branch";
  branch: string | null;
  default_branch: string;
  comment_on_pr: boolean;
}

type Change = { repo: string; trigger_mode: GithubConfig["trigger_mode"] } & Partial<GithubConfig>;

/** Which repositories are checked, and when: one entry for each repository and trigger. */
export class GithubConfigs {
  readonly #configs = new Map<string, GithubConfig>();

  /** Also for a repository that nobody set up: then it is not installed. */
  get(repo: string, trigger_mode: GithubConfig["trigger_mode"]): GithubConfig {
    return this.#configs.get(`${trigger_mode} ${repo}`) ?? { ...blank, repo, trigger_mode };
  }

  /** The entry with that change, installed from now on. */
  set(change: Change): GithubConfig {
    const installation = { installed: true, installation_id: 1000 + this.#configs.size };
    const config = { ...this.get(change.repo, change.trigger_mode), ...installation, ...change };
    this.#configs.set(`${change.trigger_mode} ${change.repo}`, config);
    return config;
  }

  enabled(): GithubConfig[] {
    return [...this.#configs.values()].filter(({ enabled }) => enabled);
  }
}

const blank = {
  installed: false,
  installation_id: null,
  enabled: false,
  branch: null,
  default_branch: "main",
  comment_on_pr: false,
};
