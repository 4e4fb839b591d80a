import type { CatalogTwin } from "../api/catalog.ts";
import { duration } from "./durations.ts";
import type { Needs, PreflightProblem } from "./kind.ts";
import { unknownTwins } from "./targets.ts";

/** What the account's plan allows (docs/references/arga-api.md#plans-and-limits); undefined: no limit, or not known. */
export interface Plan {
  /** `free`, `team` or `paid`. */
  name?: string;
  maxTwins?: number | undefined;
  maxTtlMinutes?: number | undefined;
  /** Runs that are left this month, and how many a month has. */
  runsLeft?: number | undefined;
  runsLimit?: number | undefined;
}

/** What of Arga a spec can be held against before Arga is asked for anything. */
interface AccountFacts {
  catalog?: readonly CatalogTwin[] | undefined;
  plan?: Plan | undefined;
}

/** Why Arga would say no to it, with what would work; undefined: nothing speaks against it. */
export function preflight(needs: Needs, { catalog, plan }: AccountFacts): PreflightProblem | undefined {
  return (catalog && unknownTwins(needs, catalog)) ?? (plan && beyondPlan(needs, plan));
}

function beyondPlan(needs: Needs, plan: Plan): PreflightProblem | undefined {
  const whose = plan.name ? `Your Arga account's ${plan.name} plan` : "Your Arga account's plan";
  const { maxTwins, maxTtlMinutes, runsLeft, runsLimit } = plan;
  const { twins, ttlMinutes } = needs;
  const isTooMany = maxTwins !== undefined && twins.length > maxTwins;
  const isTooLong = maxTtlMinutes !== undefined && ttlMinutes !== undefined && ttlMinutes > maxTtlMinutes;
  const tryThis = needs.retype(
    isTooMany ? twins.slice(0, maxTwins) : twins,
    isTooLong ? maxTtlMinutes : ttlMinutes,
  );
  if (isTooMany) {
    const most = maxTwins === 1 ? "one twin" : `${maxTwins} twins`;
    return {
      about: "twins",
      why: `${whose} allows ${most} per run, and this needs ${twins.length}.`,
      tryThis,
    };
  }
  if (isTooLong)
    return {
      about: "time",
      isMeant: true,
      why: `${whose} allows up to ${duration(maxTtlMinutes)}, and this asks for ${duration(ttlMinutes)}.`,
      tryThis,
    };
  if (runsLeft !== undefined && runsLeft <= 0) {
    const all = runsLimit === undefined ? "all its runs" : `all its ${runsLimit} runs`;
    return {
      about: "quota",
      why: `${whose} has used ${all} for this month. You get more next month, or with a larger plan.`,
      tryThis: "/arga list",
    };
  }
  return undefined;
}
