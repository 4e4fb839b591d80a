import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";

const MAX_TTL_MINUTES = 480;
const FREE_TTL_MINUTES = 10;

/** The caller's plan: what it allows and what is used up. */
export class Account {
  /** Runs charged so far. The month never ends here: when Arga's counter is reset is not known. */
  runsUsed = 0;
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
   * Charges one twin run and says for how many minutes it lives.
   * The status of these refusals is known for the quota only; 403 for the others is our guess.
   * @throws Refusal 403
   */
  charge(twins: number, ttlMinutes: number | undefined): number {
    // 60 is what the API pages say; the CLI and another page say 30.
    if (!this.free) return ttlMinutes ?? 60;
    if (twins > 1) throw new Refusal(403, "The free plan allows 1 twin per run");
    if (ttlMinutes !== undefined && ttlMinutes > FREE_TTL_MINUTES) {
      throw new Refusal(403, `The free plan is limited to a TTL of ${FREE_TTL_MINUTES} minutes`);
    }
    if (this.#runsLeft() === 0) throw this.#quotaReached();
    // Twin runs draw on the counter of validation runs (observed live), and are charged when accepted:
    // whether a provision that fails later is given back is not known.
    this.runsUsed += 1;
    return FREE_TTL_MINUTES;
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
    return this.#settings.dialect.quotaDetail === "object"
      ? new Refusal(403, { message, ...counts })
      : new Refusal(403, message, counts);
  }
}
