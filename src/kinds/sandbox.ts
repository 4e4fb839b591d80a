import * as z from "zod";
import type { ArgaClient } from "../api/client.ts";
import type { SandboxRun } from "../api/sandbox-runs.ts";
import type { ActionRequest, ArgaRun } from "../runs/run.ts";
import type { Observation } from "../runs/transitions.ts";
import type { CommandGrammar, Line } from "./grammar.ts";
import type { KindDefinition, Limits, LogLine, NamedValue, SecretGroup } from "./kind.ts";
import { withoutSecrets } from "./redaction.ts";
import {
  codePages,
  codeTarget,
  codeTitle,
  codeWords,
  dashboardOf,
  defaultTtl,
  flagged,
  instantOf,
  twinsAndTime,
  withoutQuery,
  withScenario,
} from "./targets.ts";
import { labelOf } from "./twin-labels.ts";

/** An app of a repository, running beside its twins (docs/references/arga-api.md#sandboxes). */
const sandboxSpec = z.object({
  repo: z.string(),
  branch: z.string().optional(),
  prUrl: z.string().optional(),
  twins: z.array(z.string()).optional(),
  ttlMinutes: z.number(),
  scenarioId: z.string().optional(),
  scenarioName: z.string().optional(),
});

type SandboxSpec = z.infer<typeof sandboxSpec>;

const EXAMPLE = "/arga sandbox acme/shop main stripe 60";

const grammar: CommandGrammar = {
  name: "sandbox",
  operands: "o/r BRANCH_OR_PR_URL [TWINS] [MINUTES]",
  says: "Run an app from its repository, next to its twins.",
  flags: { scenario: { value: true, hint: "ID", says: "seed the twins from a saved scenario or a preset" } },
  examples: [
    EXAMPLE,
    "/arga sandbox https://github.com/acme/shop/pull/42 stripe,slack 2h",
    "/arga sandbox acme/shop main --scenario checkout-happy-path",
  ],
};

function parse(line: Line, limits: Limits): SandboxSpec {
  const { target, rest } = codeTarget(line, EXAMPLE, (repo, branch) => `/arga sandbox ${repo} ${branch}`);
  const { twins, minutes } = twinsAndTime(rest, limits, EXAMPLE);
  const scenarioId = line.flags.get("scenario");
  return {
    ...target,
    ttlMinutes: minutes ?? defaultTtl(limits),
    ...(twins.length > 0 ? { twins } : {}),
    ...(scenarioId ? { scenarioId } : {}),
  };
}

async function start(
  arga: ArgaClient,
  spec: SandboxSpec,
  signal: AbortSignal,
): Promise<Pick<ArgaRun, "id" | "status">> {
  const made = await arga.sandboxRuns.create(
    {
      repo: spec.repo,
      ...(spec.prUrl ? { pr_url: spec.prUrl } : {}),
      ...(spec.branch ? { branch: spec.branch } : {}),
      ...(spec.twins ? { twins: spec.twins } : {}),
      ...(spec.scenarioId ? { scenario_id: spec.scenarioId } : {}),
      ttl_minutes: spec.ttlMinutes,
    },
    signal,
  );
  return { id: made.sandbox_id, status: made.status };
}

/** Arga's statuses; any other word is shown as it is and changes nothing. */
const STATES: Record<string, Pick<Observation, "state" | "outcome">> = {
  queued: { state: "starting" },
  provisioning: { state: "starting" },
  ready: { state: "ready" },
  cleaning_up: { state: "ending" },
  failed: { state: "ended", outcome: "failed" },
  error: { state: "ended", outcome: "failed" },
  timed_out: { state: "ended", outcome: "failed" },
  expired: { state: "ended", outcome: "expired" },
  cancelled: { state: "ended", outcome: "torn_down" },
  canceled: { state: "ended", outcome: "torn_down" },
  deleted: { state: "ended", outcome: "torn_down" },
  torn_down: { state: "ended", outcome: "torn_down" },
};

async function observe(arga: ArgaClient, argaRun: ArgaRun, signal: AbortSignal): Promise<Observation> {
  const run = await arga.sandboxRuns.get(argaRun.id, signal);
  const known = STATES[run.status];
  const why = known?.outcome === "failed" ? await lastError(arga, argaRun, signal) : undefined;
  return {
    ...known,
    ...(why ? { why: withoutSecrets(why, secretsIn(run)) } : {}),
    arga: { status: run.status, links: linksOf(run), ...dashboardOf(run) },
  };
}

/**
 * A sandbox says that it failed, but not why: the last error of its log does. Without it the end is as true, so that
 * a log which can't be read holds nothing up.
 */
async function lastError(
  arga: ArgaClient,
  argaRun: ArgaRun,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { logs: lines } = await arga.sandboxRuns.logs(argaRun.id, signal);
    return lines?.findLast(({ type, message }) => isErrorType(type) && message?.trim())?.message ?? undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

const secretsIn = (run: SandboxRun): (string | null | undefined)[] =>
  [run, ...Object.values(run.twins ?? {})].flatMap(({ env_vars }) => Object.values(env_vars ?? {}));

const isErrorType = (type: string | null | undefined): boolean => /error|fail/i.test(type ?? "");

function linksOf(run: SandboxRun): ArgaRun["links"] {
  const named: [string, string | null | undefined][] = [
    ["App", run.app_url],
    ...Object.entries(run.twins ?? {}).map(([name, twin]): [string, string | null | undefined] => [
      labelOf(name),
      twin.base_url,
    ]),
  ];
  return named.flatMap(([label, address]) => {
    const url = address ? withoutQuery(address) : undefined;
    return url ? [{ label, url }] : [];
  });
}

async function act(
  arga: ArgaClient,
  argaRun: ArgaRun,
  request: ActionRequest,
  signal: AbortSignal,
): Promise<undefined> {
  if (request.action === "teardown") await arga.sandboxRuns.delete(argaRun.id, signal);
}

async function secrets(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<SecretGroup[]> {
  const run = await arga.sandboxRuns.get(argaRun.id, signal);
  const all = valuesOf(run.env_vars);
  const twins = Object.entries(run.twins ?? {}).map(([title, twin]) => ({
    title,
    facts: valuesOf({ URL: twin.base_url, "Admin URL": twin.admin_url }),
    // Those of all twins together stand under the app already.
    variables: all.length > 0 ? [] : valuesOf(twin.env_vars),
  }));
  const app = { title: "App", facts: valuesOf({ URL: run.app_url }), variables: all };
  return [app, ...twins].filter(({ facts, variables }) => facts.length + variables.length > 0);
}

const valuesOf = (values: Record<string, string | null | undefined> | null | undefined): NamedValue[] =>
  Object.entries(values ?? {}).flatMap(([name, value]) => (value ? [{ name, value }] : []));

async function logs(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<LogLine[]> {
  const { logs: lines } = await arga.sandboxRuns.logs(argaRun.id, signal);
  return (lines ?? []).map(({ timestamp, type, message }) => {
    const at = instantOf(timestamp);
    return {
      text: message || "(no message)",
      isError: isErrorType(type),
      ...(type ? { source: type } : {}),
      ...(at === undefined ? {} : { at }),
    };
  });
}

export const sandbox: KindDefinition<SandboxSpec> = {
  kind: "sandbox",
  noun: "sandbox",
  commands: [{ grammar, parse }],
  spec: (run) => sandboxSpec.parse(run.spec),
  title: (spec) => `Sandbox of ${codeTitle(spec)}`,
  pages: codePages,
  details: (spec) => [
    ...(spec.twins ? [`twins: ${spec.twins.join(", ")}`] : []),
    ...(spec.scenarioId ? [`scenario ${spec.scenarioName ?? spec.scenarioId}`] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins ?? [],
    scenario: spec.scenarioId,
    ttlMinutes: spec.ttlMinutes,
    retype: (twins, minutes, names) =>
      [
        "/arga sandbox",
        codeWords(spec),
        twins.join(","),
        minutes ?? spec.ttlMinutes,
        ...flagged("scenario", names?.scenario ?? spec.scenarioId),
      ]
        .filter((part) => part !== "")
        .join(" "),
  }),
  repository: (spec) => spec.repo,
  named: (spec, { scenario }) => withScenario(spec, scenario),
  start,
  observe,
  actions: ["teardown"],
  act,
  secrets,
  logs,
  hasHappened: ({ phase }) => phase.name === "ending" || phase.name === "ended",
};
