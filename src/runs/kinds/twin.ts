import { z } from "zod";
import type { CatalogTwin } from "../../api/catalog.ts";
import type { ArgaClient } from "../../api/client.ts";
import { ArgaNotFound } from "../../api/errors.ts";
import type { TwinRun, TwinRuns } from "../../api/twin-runs.ts";
import {
  type CommandGrammar,
  type Line,
  looksLikeMinutes,
  minutesOf,
  nearest,
  shown,
  UsageError,
} from "../grammar.ts";
import type { KindDefinition, Limits, NamedValue, Offer, SecretGroup, Unfit } from "../kind.ts";
import type { ArgaSide, Run, Wish } from "../run.ts";
import type { Observation } from "../transitions.ts";

/** A session of one or more digital twins, for a limited time (facts/arga-api.md, section 7). */
const twinSpec = z.object({
  twins: z.array(z.string()),
  ttlMinutes: z.number(),
  scenarioId: z.string().optional(),
  scenarioPrompt: z.string().optional(),
  private: z.boolean().optional(),
});

type TwinSpec = z.infer<typeof twinSpec>;

const DEFAULT_TTL_MINUTES = 60;
const TWINS_LIMIT = 40;
const PROMPT_LIMIT = 2_000;

const grammar: CommandGrammar = {
  name: "twins",
  operands: "NAME… [MINUTES]",
  says: "Start digital twins for a limited time (60 minutes unless you say otherwise).",
  flags: {
    scenario: { value: true, hint: "ID", says: "seed them from a saved scenario or a preset" },
    prompt: { value: true, hint: '"seed text"', says: "seed them from a description" },
    private: { value: false, says: "no public URLs; hosts need the run's token" },
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
  const all = line.words.flatMap((word) => word.split(",")).filter((word) => word !== "");
  const times = all.filter(looksLikeMinutes);
  const twins = [...new Set(all.filter((word) => !looksLikeMinutes(word)).map((name) => name.toLowerCase()))];
  if (times.length > 1)
    throw new UsageError(`Two times were given: ${times.join(" and ")}. One is enough.`, EXAMPLE);
  const [time] = times;
  const ttlMinutes = time === undefined ? defaultTtl(limits) : minutesOf(time, limits.maxTtlMinutes, EXAMPLE);
  checkNames(twins);
  return { twins, ttlMinutes, ...seed(line), ...(line.flags.has("private") ? { private: true } : {}) };
}

const defaultTtl = (limits: Limits): number => Math.min(DEFAULT_TTL_MINUTES, limits.maxTtlMinutes);

function checkNames(twins: string[]): void {
  if (twins.length === 0) throw new UsageError("Which twin? Name one or more.", EXAMPLE);
  if (twins.length > TWINS_LIMIT)
    throw new UsageError(
      `${twins.length} twins are too many for one run; ${TWINS_LIMIT} is the most.`,
      EXAMPLE,
    );
  const odd = twins.find((name) => !/^[a-z][a-z0-9_-]{0,49}$/.test(name));
  if (odd !== undefined)
    throw new UsageError(
      `${shown(odd)} cannot be the name of a twin: names are letters, digits, dashes and underscores. \`/arga catalog\` lists them.`,
      EXAMPLE,
    );
}

function seed(line: Line): Pick<TwinSpec, "scenarioId" | "scenarioPrompt"> {
  const scenarioId = line.flags.get("scenario");
  const scenarioPrompt = line.flags.get("prompt");
  if (scenarioId !== undefined && scenarioPrompt !== undefined)
    throw new UsageError(
      "Give --scenario or --prompt, not both: Arga would ignore the prompt.",
      "/arga twins stripe 60 --scenario ID",
    );
  if (scenarioPrompt !== undefined && scenarioPrompt.length > PROMPT_LIMIT)
    throw new UsageError(
      `The prompt is ${scenarioPrompt.length} characters long; ${PROMPT_LIMIT} is the most.`,
      '/arga twins stripe 60 --prompt "one customer with a past due invoice"',
    );
  if (scenarioId !== undefined) return { scenarioId };
  return scenarioPrompt === undefined ? {} : { scenarioPrompt };
}

function unfit(spec: TwinSpec, catalog: readonly CatalogTwin[]): Unfit | undefined {
  const names = catalog.map((twin) => twin.name);
  const unknown = spec.twins.filter((name) => !names.includes(name));
  const [first] = unknown;
  if (first === undefined) return undefined;
  const near = nearest(first, names);
  const list = unknown.map((name) => `\`${name}\``).join(", ");
  const why = `Arga has no twin ${list}${near ? `; did you mean \`${near}\`?` : "."}`;
  const fixed = spec.twins.map((name) => (names.includes(name) ? name : nearest(name, names)));
  return {
    why: near ? why : `${why} \`/arga catalog\` lists them all.`,
    tryThis: fixed.includes(undefined) ? EXAMPLE : `/arga twins ${fixed.join(",")} ${spec.ttlMinutes}`,
  };
}

async function start(
  arga: ArgaClient,
  spec: TwinSpec,
  signal: AbortSignal,
): Promise<Pick<ArgaSide, "id" | "legacy" | "status">> {
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
    if (!(error instanceof ArgaNotFound)) throw error;
    const made = await arga.legacyTwinRuns.create(body, signal);
    return { id: made.run_id, status: made.status ?? "queued", legacy: true };
  }
}

const routesOf = (arga: ArgaClient, side: ArgaSide): TwinRuns =>
  side.legacy ? arga.legacyTwinRuns : arga.twinRuns;

/** Statuses of section 7.6; whatever else Arga may say is shown as it is and changes nothing. */
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

async function observe(arga: ArgaClient, side: ArgaSide, signal: AbortSignal): Promise<Observation> {
  const run = await routesOf(arga, side).get(side.id, signal);
  const known = STATES[run.status] ?? {};
  const endsAt = instantOf(run.expires_at);
  return {
    ...known,
    ...(run.error ? { why: withoutSecrets(run.error, run) } : {}),
    ...(endsAt === undefined ? {} : { endsAt }),
    arga: {
      status: run.status,
      links: linksOf(run),
      ...dashboardOf(run),
      ...(typeof run.is_public === "boolean" ? { isPublic: run.is_public } : {}),
    },
  };
}

/** Arga's times are UTC (facts, section 4); one that does not say so is taken for it. */
function instantOf(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  return Number.isFinite(at) ? at : undefined;
}

/** Arga's words on a failure may quote what was seeded. */
function withoutSecrets(text: string, run: TwinRun): string {
  const values = Object.values(run.twins ?? {}).flatMap((twin) => Object.values(twin.env_vars ?? {}));
  return [...values, run.proxy_token ?? ""]
    .filter((secret) => secret.length >= 6)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

function dashboardOf(run: TwinRun): Pick<ArgaSide, "dashboardUrl"> {
  const url = run.dashboard_url ? withoutQuery(run.dashboard_url) : undefined;
  return url ? { dashboardUrl: url } : {};
}

function linksOf(run: TwinRun): ArgaSide["links"] {
  return Object.entries(run.twins ?? {}).flatMap(([name, twin]) => {
    const url = twin.base_url ? withoutQuery(twin.base_url) : undefined;
    return url ? [{ label: twin.label ?? name, url }] : [];
  });
}

/** Where a browser may go. Query and fragment are cut: a token could stand in them. */
function withoutQuery(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? `${protocol}//${host}${pathname}` : undefined;
}

async function act(
  arga: ArgaClient,
  side: ArgaSide,
  wish: Wish,
  signal: AbortSignal,
): Promise<number | undefined> {
  const runs = routesOf(arga, side);
  if (wish.action !== "extend") {
    await runs[wish.action](side.id, signal);
    return undefined;
  }
  const minutes = wish.minutes ?? DEFAULT_TTL_MINUTES;
  const answer = await runs.extend(side.id, minutes, signal);
  // Sources differ on which of the two it holds (section 7.4).
  return instantOf(answer.expires_at) ?? Date.now() + (answer.ttl_minutes ?? minutes) * 60_000;
}

async function secrets(arga: ArgaClient, side: ArgaSide, signal?: AbortSignal): Promise<SecretGroup[]> {
  const run = await routesOf(arga, side).get(side.id, signal);
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

function hasHappened(run: Run, wish: Wish): boolean | undefined {
  const { phase } = run;
  if (wish.action === "teardown") return phase.name === "ending" || phase.name === "ended";
  if (wish.action === "lock") return run.arga?.isPublic === false;
  if (wish.action === "reset") return undefined;
  const before = wish.state.name === "sending" ? wish.state.deadline : undefined;
  if (before === undefined) return false;
  return run.deadline !== undefined && Math.abs(run.deadline.at - before) >= 1_000;
}

function offers(run: Run): Offer[] {
  switch (run.phase.name) {
    case "requested":
      return ["teardown"];
    case "creating":
    case "ending":
      return [];
    case "starting":
      return ["extend", "teardown"];
    case "ready":
      return [
        "credentials",
        "extend",
        ...(run.arga?.isPublic === false ? [] : (["lock"] as const)),
        "reset",
        "teardown",
      ];
    case "ended":
      return ["rerun"];
  }
}

/** Names whose spelling no rule gives; the catalog's labels are not at hand where a card is drawn. */
const LABELS: Record<string, string> = {
  checkhq: "CheckHQ",
  github: "GitHub",
  gitlab: "GitLab",
  hubspot: "HubSpot",
  linkedin: "LinkedIn",
  quickbooks: "QuickBooks",
};

const labelOf = (name: string): string =>
  LABELS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

export const twin: KindDefinition<TwinSpec> = {
  kind: "twin",
  grammar,
  parse,
  spec: (run) => twinSpec.parse(run.spec),
  title: (spec) => `${spec.twins.map(labelOf).join(", ")} twin${spec.twins.length > 1 ? "s" : ""}`,
  details: (spec) => [
    `${spec.ttlMinutes} minutes`,
    ...(spec.scenarioId ? [`scenario ${spec.scenarioId}`] : []),
    ...(spec.scenarioPrompt ? [`seeded with: ${spec.scenarioPrompt}`] : []),
    ...(spec.private ? ["private"] : []),
  ],
  ttlMinutes: (spec) => spec.ttlMinutes,
  unfit,
  start,
  observe,
  act,
  secrets,
  hasHappened,
  offers,
};
