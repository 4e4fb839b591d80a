import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";

const MAX_TTL_MINUTES = 480;
const FREE_TTL_MINUTES = 10;

/** The caller's plan: what it allows and what is used up. */
export class Account {
  /** Runs charged so far. The month never ends here: when Arga's counter is reset is not known. */
  runsUsed = 0;
  #provisioned = 0;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get free(): boolean {
    return this.#settings.plan === "free";
  }

  /** The answer of `GET /auth/me`. A limit of null is no limit. */
  me(): Record<string, unknown> {
    return {
      github_login: "octo-dev",
      workspace: "Octo Labs",
      email: "dev@example.com",
      email_verified: true,
      billing_plan: this.#settings.plan,
      plan_limits: this.#limits(),
    };
  }

  /**
   * For how many minutes a run with that many twins may live.
   * The status of these refusals is not known; 403 is our guess.
   * @throws Refusal 403
   */
  lifetime(twins: number, ttlMinutes: number | undefined): number {
    // 60 is what the API pages say; the CLI and another page say 30.
    if (!this.free) return ttlMinutes ?? this.#settings.dialect.defaultTtl;
    if (twins > 1) throw new Refusal(403, "The free plan allows 1 twin per run");
    if (ttlMinutes !== undefined && ttlMinutes > FREE_TTL_MINUTES) {
      throw new Refusal(403, `The free plan is limited to a TTL of ${FREE_TTL_MINUTES} minutes`);
    }
    return FREE_TTL_MINUTES;
  }

  /**
   * Charges one twin run, also to a key that allows only so many of them: that of an e-mail sign-up.
   * @throws Refusal as `charge` does; 403 when the key's are used up, on any plan
   */
  chargeTwins(): void {
    const { provisions } = this.#settings;
    if (this.#provisioned >= provisions) {
      throw new Refusal(403, `This key has no provisions remaining (${provisions} of ${provisions} used)`);
    }
    this.charge();
    this.#provisioned += 1;
  }

  /**
   * Charges one run. Twin runs draw on the counter of validation runs (observed live), and all are charged when
   * accepted: whether one that fails later is given back is not known.
   * @throws Refusal 403, or 429 as the dialect says
   */
  charge(): void {
    if (!this.free) return;
    if (this.#runsLeft() === 0) throw this.#quotaReached();
    this.runsUsed += 1;
  }

  /** @throws Refusal 403 on the Free plan; the status is the CLI's hint, the text is not known. */
  requireTeam(feature: string): void {
    if (this.free) throw new Refusal(403, `${feature} requires the Team plan`);
  }

  /** @throws Refusal 403 on the Free plan; the real status and text are not known. */
  requireExtendable(): void {
    if (this.free) throw new Refusal(403, "TTL cannot be extended on the free plan");
  }

  #limits(): Record<string, number | null> {
    const free = this.free;
    return {
      validation_runs_remaining: free ? this.#runsLeft() : null,
      validation_runs_limit: free ? this.#settings.monthlyRuns : null,
      // Team has a monthly cap on CI checks whose number is not published.
      ci_checks_limit: free ? 0 : null,
      ci_checks_remaining: free ? 0 : null,
      max_twins_per_run: free ? 1 : null,
      max_ttl_minutes: free ? FREE_TTL_MINUTES : MAX_TTL_MINUTES,
    };
  }

  #runsLeft(): number {
    return Math.max(0, this.#settings.monthlyRuns - this.runsUsed);
  }

  // The text was observed, with three counts of zero beside it; the names of the fields were not recorded.
  #quotaReached(): Refusal {
    const message = "Monthly free plan limit reached";
    const counts = { validation_runs_remaining: 0, included_runs_remaining: 0, extra_runs_remaining: 0 };
    const { quotaDetail, quotaStatus } = this.#settings.dialect;
    return quotaDetail === "object"
      ? new Refusal(quotaStatus, { message, ...counts })
      : new Refusal(quotaStatus, message, counts);
  }
}
