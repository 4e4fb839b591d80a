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
  const adminUrl = hostOf(run, twin.name, "");
  const baseUrl = run.isPublic ? hostOf(run, twin.name, "pub-") : adminUrl;
  const mcpUrl = twin.mcp ? `${baseUrl}${twin.mcp.path}` : null;
  return {
    name: twin.name,
    label: twin.label,
    base_url: baseUrl,
    admin_url: adminUrl,
    env_vars: { ...run.secrets[twin.name], ...addressVariables(twin.name, baseUrl) },
    show_in_ui: twin.show_in_ui,
    mcp_url: mcpUrl,
    mcp: twin.mcp ? { ...twin.mcp, url: mcpUrl } : null,
  };
}

function hostOf(run: TwinRun, twin: string, prefix: string): string {
  return `https://${prefix}r${run.runId.replaceAll("-", "")}--${twin}.sandbox.argalabs.com`;
}
