import * as z from "zod";
import { count, flag, label } from "./shapes.ts";
import type { Transport } from "./transport.ts";

const account = z.object({
  github_login: label,
  workspace: label,
  email: label,
  email_verified: flag,
  /** `free`, `team` or `paid`. */
  billing_plan: label,
  plan_limits: z
    .object({
      validation_runs_remaining: count,
      validation_runs_limit: count,
      ci_checks_remaining: count,
      ci_checks_limit: count,
      max_twins_per_run: count,
      max_ttl_minutes: count,
    })
    .nullish()
    .catch(undefined),
});

/** Who the API key belongs to and what its plan allows (docs/references/arga-api.md#account); a null limit is none. */
export type Account = z.infer<typeof account>;

/** `GET /auth/me`. Throws {@link ArgaError}. */
export function getAccount(transport: Transport, signal?: AbortSignal): Promise<Account> {
  return transport.request({ method: "GET", path: "/auth/me", route: "/auth/me", schema: account, signal });
}
