import type { CatalogTwin } from "../catalog.ts";
import { addressVariables } from "./secrets.ts";
import type { TwinRun } from "./twin-runs.ts";

/** A twin run as the status routes show it. Twins, token and seed results are there only while it is ready. */
export function twinRunView(run: TwinRun, catalog: CatalogTwin[]): Record<string, unknown> {
  const ready = run.status === "ready";
  return {
    run_id: run.runId,
    status: run.status,
    twins: ready ? Object.fromEntries(twinsOf(run, catalog)) : {},
    // One of two forms that official fixtures show; the live one is not known.
    dashboard_url: `https://app.argalabs.com/runs/${run.runId}`,
    expires_at: run.expiresAt === null ? null : new Date(run.expiresAt).toISOString(),
    is_public: run.isPublic,
    error: run.error,
    ...(ready && { proxy_token: run.proxyToken, seed_results: seedResults(run) }),
  };
}

/** How each twin was seeded. The names of the count fields are not known. */
export function seedResults(run: TwinRun): Record<string, unknown> {
  const seeded = run.baseline !== "empty";
  const result = seeded
    ? { status: "seeded", records: 12 }
    : { status: "skipped", reason: "No seed for this twin" };
  return Object.fromEntries(run.twins.map((name) => [name, result]));
}

function twinsOf(run: TwinRun, catalog: CatalogTwin[]): [string, unknown][] {
  const wanted = catalog.filter(({ name }) => run.twins.includes(name));
  return wanted.map((twin) => [twin.name, twinView(run, twin)]);
}

function twinView(run: TwinRun, twin: CatalogTwin): Record<string, unknown> {
  const adminUrl = hostOf("r", run.runId, twin.name);
  const baseUrl = run.isPublic ? hostOf("pub-r", run.runId, twin.name) : adminUrl;
  return twinShape(twin, { baseUrl, adminUrl }, run.secrets[twin.name] ?? {});
}

/** One twin as runs and scenario environments show it. */
export function twinShape(
  twin: CatalogTwin,
  { baseUrl, adminUrl }: { baseUrl: string; adminUrl: string },
  secrets: Record<string, string>,
): Record<string, unknown> {
  const mcpUrl = twin.mcp ? `${baseUrl}${twin.mcp.path}` : null;
  return {
    name: twin.name,
    label: twin.label,
    base_url: baseUrl,
    admin_url: adminUrl,
    env_vars: { ...secrets, ...addressVariables(twin.name, baseUrl) },
    show_in_ui: twin.show_in_ui,
    mcp_url: mcpUrl,
    mcp: twin.mcp ? { ...twin.mcp, url: mcpUrl } : null,
  };
}

/** The address of a twin, from an id and what its kind of environment puts before it. */
export function hostOf(prefix: string, id: string, twin: string): string {
  return `https://${prefix}${id.replaceAll("-", "")}--${twin}.sandbox.argalabs.com`;
}
