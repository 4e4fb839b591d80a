import { z } from "zod";
import type { Transport } from "./transport.ts";

const limit = z.number().nullish();

const account = z.object({
  workspace: z.string().nullish(),
  billing_plan: z.string().nullish(),
  plan_limits: z
    .object({
      validation_runs_remaining: limit,
      validation_runs_limit: limit,
      max_twins_per_run: limit,
      max_ttl_minutes: limit,
    })
    .nullish(),
});

/** Who the API key belongs to and what its plan allows (facts/arga-api.md, section 1.3); a null limit is none. */
export type Account = z.infer<typeof account>;

/** `GET /auth/me`. Throws {@link ArgaError}. */
export function getAccount(transport: Transport, signal?: AbortSignal): Promise<Account> {
  return transport.request({ method: "GET", path: "/auth/me", route: "/auth/me", schema: account, signal });
}
