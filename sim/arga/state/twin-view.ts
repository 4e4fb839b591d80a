import type { CatalogTwin } from "../catalog.ts";
import type { Dialect } from "../dialect.ts";
import type { Settings } from "../options.ts";
import { statusWord } from "./oddities.ts";
import { addressVariables } from "./secrets.ts";
import type { TwinRun } from "./twin-runs.ts";

/** A twin run as the status routes show it. Twins, token and seed results are there only while it is ready. */
export function twinRunView(run: TwinRun, settings: Settings): Record<string, unknown> {
  const ready = run.status === "ready";
  return {
    run_id: run.runId,
    status: statusWord(run, settings.dialect),
    twins: ready ? Object.fromEntries(twinsOf(run, settings)) : {},
    error: run.error,
    ...(settings.dialect.optionalFields === "shown" && optionalFields(run, settings)),
  };
}

/** Those that may be absent, the token and the seed results also because the run is not ready. */
function optionalFields(run: TwinRun, settings: Settings): Record<string, unknown> {
  return {
    dashboard_url: dashboardUrl(run.runId, settings),
    expires_at: run.expiresAt === null ? null : new Date(run.expiresAt).toISOString(),
    is_public: run.isPublic,
    ...(run.status === "ready" && { proxy_token: run.proxyToken, seed_results: seedResults(run) }),
  };
}

/** In one of the two forms that official fixtures show; the live one is not known. */
export function dashboardUrl(runId: string, { dialect }: Settings): string {
  return `https://app.argalabs.com/${dialect.dashboardUrl}/${runId}`;
}

/** How each twin was seeded. The names of the count fields are not known. */
export function seedResults(run: TwinRun): Record<string, unknown> {
  const seeded = run.baseline !== "empty";
  const result = seeded
    ? { status: "seeded", records: 12 }
    : { status: "skipped", reason: "No seed for this twin" };
  return Object.fromEntries(run.twins.map((name) => [name, result]));
}

function twinsOf(run: TwinRun, { catalog, dialect }: Settings): [string, unknown][] {
  const wanted = catalog.filter(({ name }) => run.twins.includes(name));
  return wanted.map((twin) => {
    const adminUrl = hostOf("r", run.runId, twin.name);
    const baseUrl = run.isPublic ? hostOf("pub-r", run.runId, twin.name) : adminUrl;
    const secrets = run.secrets[twin.name] ?? {};
    return [twin.name, twinShape(twin, { baseUrl, adminUrl, secrets }, dialect)];
  });
}

interface TwinParts {
  baseUrl: string;
  adminUrl: string;
  secrets: Record<string, string>;
}

/** One twin as runs and scenario environments show it. */
export function twinShape(
  twin: CatalogTwin,
  { baseUrl, adminUrl, secrets }: TwinParts,
  { envVars }: Required<Dialect>,
): Record<string, unknown> {
  const mcpUrl = twin.mcp ? `${baseUrl}${twin.mcp.path}` : null;
  return {
    name: twin.name,
    label: twin.label,
    base_url: baseUrl,
    admin_url: adminUrl,
    env_vars: envVars === "empty" ? {} : { ...secrets, ...addressVariables(twin.name, baseUrl) },
    show_in_ui: twin.show_in_ui,
    mcp_url: mcpUrl,
    mcp: twin.mcp ? { ...twin.mcp, url: mcpUrl } : null,
  };
}

/** The address of a twin, from an id and what its kind of environment puts before it. */
export function hostOf(prefix: string, id: string, twin: string): string {
  return `https://${prefix}${id.replaceAll("-", "")}--${twin}.sandbox.argalabs.com`;
}
