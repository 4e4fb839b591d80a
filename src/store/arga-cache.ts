import type { Redis } from "ioredis";
import type { Account } from "../api/account.ts";
import type { CatalogTwin } from "../api/catalog.ts";
import type { ArgaClient } from "../api/client.ts";
import type { Plan } from "../kinds/preflight.ts";
import { Cache } from "./cache.ts";

/** A saved test, as a list shows it. */
export interface TestEntry {
  id: string;
  name: string;
  repo?: string;
  url?: string;
  prompt?: string;
}

/** A saved scenario or a preset, as a list shows it. */
export interface ScenarioEntry {
  id: string;
  name: string;
  description?: string;
  twins: string[];
  isPreset: boolean;
}

/** What is known of Arga beside the runs: read often, asked for seldom, shared by all processes. */
export interface ArgaCache {
  catalog: Cache<CatalogTwin[]>;
  plan: Cache<Plan>;
  tests: Cache<TestEntry[]>;
  scenarios: Cache<ScenarioEntry[]>;
}

const MINUTE = 60_000;

export function createArgaCache(arga: ArgaClient, redis: Redis, prefix: string): ArgaCache {
  const known = <T>(name: string, freshMs: number, fetch: (signal?: AbortSignal) => Promise<T>): Cache<T> =>
    new Cache({ redis, key: `${prefix}:known:${name}`, freshMs, fetch });
  return {
    catalog: known("catalog", 5 * MINUTE, (signal) => arga.catalog.list(signal)),
    plan: known("plan", 2 * MINUTE, async (signal) => planOf(await arga.account(signal))),
    tests: known("tests", MINUTE, async (signal) => (await arga.tests.list({}, signal)).map(testEntry)),
    scenarios: known("scenarios", MINUTE, async (signal) =>
      (await arga.scenarios.list({ include_presets: true }, signal)).map(scenarioEntry),
    ),
  };
}

/** Of the account, what it may do; whose it is stays with Arga. */
function planOf({ billing_plan, plan_limits }: Account): Plan {
  const limit = (value: number | null | undefined): number | undefined => value ?? undefined;
  return {
    ...(billing_plan ? { name: billing_plan } : {}),
    maxTwins: limit(plan_limits?.max_twins_per_run),
    maxTtlMinutes: limit(plan_limits?.max_ttl_minutes),
    runsLeft: limit(plan_limits?.validation_runs_remaining),
    runsLimit: limit(plan_limits?.validation_runs_limit),
  };
}

type SavedTest = Awaited<ReturnType<ArgaClient["tests"]["list"]>>[number];
type Scenario = Awaited<ReturnType<ArgaClient["scenarios"]["list"]>>[number];

const testEntry = ({ id, name, repo_full_name, start_url, prompt }: SavedTest): TestEntry => ({
  id,
  name: name || id,
  ...(repo_full_name ? { repo: repo_full_name } : {}),
  ...(start_url ? { url: start_url } : {}),
  ...(prompt ? { prompt: prompt.slice(0, 300) } : {}),
});

const scenarioEntry = ({ id, name, description, twins, is_preset }: Scenario): ScenarioEntry => ({
  id,
  name: name || id,
  ...(description ? { description: description.slice(0, 300) } : {}),
  twins: twins ?? [],
  isPreset: is_preset === true,
});
