import * as z from "zod";
import type { ArgaClient } from "../api/client.ts";
import { isNoRoute } from "../api/failures.ts";
import type { TwinRun, TwinRuns } from "../api/twin-runs.ts";
import type { ActionRequest, ArgaRun, Run } from "../runs/run.ts";
import type { Observation } from "../runs/transitions.ts";
import { type CommandGrammar, type Line, UsageError } from "./grammar.ts";
import type { KindDefinition, Limits, NamedValue, SecretGroup } from "./kind.ts";
import { withoutSecrets } from "./redaction.ts";
import {
  dashboardOf,
  defaultTtl,
  flagged,
  instantOf,
  twinsAndTime,
  withoutQuery,
  withScenario,
} from "./targets.ts";
import { labelOf } from "./twin-labels.ts";

/** A session of one or more digital twins, for a limited time (docs/references/arga-api.md#twin-runs). */
const twinSpec = z.object({
  twins: z.array(z.string()),
  ttlMinutes: z.number(),
  scenarioId: z.string().optional(),
  scenarioName: z.string().optional(),
  scenarioPrompt: z.string().optional(),
  private: z.boolean().optional(),
});

type TwinSpec = z.infer<typeof twinSpec>;

const DEFAULT_TTL_MINUTES = 60;
const PROMPT_LIMIT = 2_000;

const grammar: CommandGrammar = {
  name: "twins",
  operands: "NAME… [MINUTES]",
  says: "Start digital twins for a limited time (60 minutes unless you say otherwise).",
  flags: {
    scenario: { value: true, hint: "ID", says: "seed them from a saved scenario or a preset" },
    prompt: { value: true, isText: true, hint: '"seed text"', says: "seed them from a description" },
    private: { value: false, says: "no public URLs; requests need the run's token" },
  },
  examples: [
    "/arga twins stripe 60",
    "/arga twins stripe,slack 2h --scenario checkout-happy-path",
    '/arga twins stripe 30 --prompt "one customer with a past due invoice"',
    "/arga twins github 90m --private",
  ],
};

const EXAMPLE = "/arga twins stripe 60";

function parse(line: Line, limits: Limits): TwinSpec {
  const { twins, minutes } = twinsAndTime(line.words, limits, EXAMPLE);
  if (twins.length === 0) throw new UsageError("Which twin? Name one or more.", EXAMPLE);
  const ttlMinutes = minutes ?? defaultTtl(limits);
  return { twins, ttlMinutes, ...seed(line), ...(line.flags.has("private") ? { private: true } : {}) };
}

function seed(line: Line): Pick<TwinSpec, "scenarioId" | "scenarioPrompt"> {
  const scenarioId = line.flags.get("scenario");
  const scenarioPrompt = line.flags.get("prompt");
  if (scenarioId !== undefined && scenarioPrompt !== undefined)
    throw new UsageError(
      "Use --scenario or --prompt, not both: Arga would ignore the prompt.",
      "/arga twins stripe 60 --scenario ID",
    );
  if (scenarioPrompt !== undefined && scenarioPrompt.length > PROMPT_LIMIT)
    throw new UsageError(
      `The prompt has ${scenarioPrompt.length} characters. The most is ${PROMPT_LIMIT}.`,
      '/arga twins stripe 60 --prompt "one customer with a past due invoice"',
    );
  if (scenarioId !== undefined) return { scenarioId };
  return scenarioPrompt === undefined ? {} : { scenarioPrompt };
}

async function start(
  arga: ArgaClient,
  spec: TwinSpec,
  signal: AbortSignal,
): Promise<Pick<ArgaRun, "id" | "legacy" | "status">> {
  const body = {
    twins: spec.twins,
    ttl_minutes: spec.ttlMinutes,
    ...(spec.scenarioId ? { scenario_id: spec.scenarioId } : {}),
    ...(spec.scenarioPrompt ? { scenario_prompt: spec.scenarioPrompt } : {}),
    ...(spec.private ? { public: false } : {}),
  };
  try {
    const made = await arga.twinRuns.create(body, signal);
    return { id: made.run_id, status: made.status ?? "queued" };
  } catch (error) {
    // A 404 on the collection had no effect: an older Arga, which knows the legacy routes alone.
    if (!isNoRoute(error)) throw error;
    const made = await arga.legacyTwinRuns.create(body, signal);
    return { id: made.run_id, status: made.status ?? "queued", legacy: true };
  }
}

const routesOf = (arga: ArgaClient, argaRun: ArgaRun): TwinRuns =>
  argaRun.legacy ? arga.legacyTwinRuns : arga.twinRuns;

/** docs/references/arga-api.md#twin-statuses; whatever else Arga may say is shown as it is and changes nothing. */
const STATES: Record<string, Pick<Observation, "state" | "outcome">> = {
  queued: { state: "starting" },
  provisioning: { state: "starting" },
  ready: { state: "ready" },
  cleaning_up: { state: "ending" },
  expired: { state: "ended", outcome: "expired" },
  torn_down: { state: "ended", outcome: "torn_down" },
  cancelled: { state: "ended", outcome: "torn_down" },
  canceled: { state: "ended", outcome: "torn_down" },
  deleted: { state: "ended", outcome: "torn_down" },
  terminated: { state: "ended", outcome: "torn_down" },
  cleaned_up: { state: "ended", outcome: "torn_down" },
  failed: { state: "ended", outcome: "failed" },
  error: { state: "ended", outcome: "failed" },
  timed_out: { state: "ended", outcome: "failed" },
};

async function observe(arga: ArgaClient, argaRun: ArgaRun, signal: AbortSignal): Promise<Observation> {
  const run = await routesOf(arga, argaRun).get(argaRun.id, signal);
  const known = STATES[run.status] ?? {};
  const endsAt = instantOf(run.expires_at);
  return {
    ...known,
    ...(run.error ? { why: withoutSecrets(run.error, secretsIn(run)) } : {}),
    ...(endsAt === undefined ? {} : { endsAt }),
    arga: {
      status: run.status,
      links: linksOf(run),
      ...dashboardOf(run),
      ...(typeof run.is_public === "boolean" ? { isPublic: run.is_public } : {}),
    },
  };
}

const secretsIn = (run: TwinRun): (string | null | undefined)[] => [
  ...Object.values(run.twins ?? {}).flatMap((twin) => Object.values(twin.env_vars ?? {})),
  run.proxy_token,
];

function linksOf(run: TwinRun): ArgaRun["links"] {
  return Object.entries(run.twins ?? {}).flatMap(([name, twin]) => {
    const url = twin.base_url ? withoutQuery(twin.base_url) : undefined;
    const label = `${twin.label ?? name}${run.is_public === false ? " (private)" : ""}`;
    return url ? [{ label, url }] : [];
  });
}

async function act(
  arga: ArgaClient,
  argaRun: ArgaRun,
  request: ActionRequest,
  signal: AbortSignal,
): Promise<number | undefined> {
  const runs = routesOf(arga, argaRun);
  if (request.action === "cancel" || request.action === "save") return undefined;
  if (request.action !== "extend") {
    await runs[request.action](argaRun.id, signal);
    return undefined;
  }
  const minutes = request.minutes ?? DEFAULT_TTL_MINUTES;
  const answer = await runs.extend(argaRun.id, minutes, signal);
  // Sources differ on which of the two it holds (docs/references/arga-api.md#extending-a-twin-run).
  return instantOf(answer.expires_at) ?? Date.now() + (answer.ttl_minutes ?? minutes) * 60_000;
}

async function secrets(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<SecretGroup[]> {
  const run = await routesOf(arga, argaRun).get(argaRun.id, signal);
  const groups = Object.entries(run.twins ?? {}).map(([name, twin]) => ({
    title: twin.label ?? name,
    facts: present([
      ["URL", twin.base_url],
      ["Admin URL", twin.admin_url],
      ["MCP URL", twin.mcp_url],
    ]),
    variables: present(Object.entries(twin.env_vars ?? {})),
  }));
  const token = present([["Proxy token", run.proxy_token]]);
  return token.length > 0 ? [...groups, { title: "Private hosts", facts: token, variables: [] }] : groups;
}

const present = (values: [string, string | null | undefined][]): NamedValue[] =>
  values.flatMap(([name, value]) => (value ? [{ name, value }] : []));

function hasHappened(run: Run, request: ActionRequest): boolean | undefined {
  const { phase } = run;
  if (request.action === "teardown") return phase.name === "ending" || phase.name === "ended";
  if (request.action === "lock") return run.arga?.isPublic === false;
  if (request.action === "reset") return undefined;
  const before = request.state.name === "sending" ? request.state.deadline : undefined;
  if (before === undefined) return false;
  return run.deadline !== undefined && Math.abs(run.deadline.at - before) >= 1_000;
}

export const twin: KindDefinition<TwinSpec> = {
  kind: "twin",
  noun: "twin run",
  commands: [{ grammar, parse }],
  spec: (run) => twinSpec.parse(run.spec),
  title: (spec) => `${spec.twins.map(labelOf).join(", ")} twin${spec.twins.length > 1 ? "s" : ""}`,
  details: (spec) => [
    ...(spec.scenarioId ? [`scenario ${spec.scenarioName ?? spec.scenarioId}`] : []),
    ...(spec.scenarioPrompt ? [`seeded with: ${spec.scenarioPrompt}`] : []),
    ...(spec.private ? ["private"] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins,
    scenario: spec.scenarioId,
    ttlMinutes: spec.ttlMinutes,
    retype: (names, minutes, found) =>
      [
        `/arga twins ${names.join(",")} ${minutes ?? spec.ttlMinutes}`,
        ...flagged("scenario", found?.scenario ?? spec.scenarioId),
        ...flagged("prompt", spec.scenarioPrompt),
        ...(spec.private ? ["--private"] : []),
      ].join(" "),
  }),
  named: (spec, { scenario }) => withScenario(spec, scenario),
  start,
  observe,
  actions: ["extend", "lock", "reset", "teardown"],
  act,
  secrets,
  hasHappened,
};
