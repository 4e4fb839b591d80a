interface TwinMcp {
  server_name: string;
  transport: "streamable_http";
  path: string;
  auth: string;
  url?: string;
  notes?: string;
}

export interface CatalogTwin {
  name: string;
  label: string;
  kind: string;
  show_in_ui: boolean;
  mcp?: TwinMcp | null;
}

const frontend = (name: string, label: string): CatalogTwin => twin(name, label, "frontend");
const backend = (name: string, label: string): CatalogTwin => twin(name, label, "backend");

/**
 * Every twin name that an official source has shown. Arga publishes no single list, so this is a union.
 * Kinds and labels of the last group are not published: backend and a plain spelling are our guess.
 */
export const defaultCatalog: CatalogTwin[] = [
  frontend("stripe", "Stripe"),
  frontend("slack", "Slack"),
  frontend("github", "GitHub"),
  frontend("discord", "Discord"),
  frontend("dropbox", "Dropbox"),
  frontend("gmail", "Gmail"),
  frontend("google_calendar", "Google Calendar"),
  frontend("google_drive", "Google Drive"),
  frontend("linkedin", "LinkedIn"),
  frontend("notion", "Notion"),
  backend("box", "Box"),
  backend("gitlab", "GitLab"),
  backend("jira", "Jira"),
  backend("linear", "Linear"),
  backend("salesforce", "Salesforce"),
  backend("unified", "Unified"),
  backend("unstructured", "Unstructured"),
  { ...twin("postgres", "Postgres", "infra"), show_in_ui: false },
  backend("hubspot", "HubSpot"),
  backend("waterfall", "Waterfall"),
  backend("google_docs", "Google Docs"),
  backend("google_sheets", "Google Sheets"),
  backend("google_workspace", "Google Workspace"),
  backend("attio", "Attio"),
  backend("calendly", "Calendly"),
  backend("checkhq", "Check"),
  backend("datadog", "Datadog"),
  backend("documenso", "Documenso"),
  backend("kandji", "Kandji"),
  backend("okta", "Okta"),
  backend("quickbooks", "QuickBooks"),
  backend("resend", "Resend"),
  backend("slack_enterprise", "Slack Enterprise"),
  backend("trolley", "Trolley"),
  backend("workday", "Workday"),
];

function twin(name: string, label: string, kind: string): CatalogTwin {
  return { name, label, kind, show_in_ui: true, mcp: mcpOf(name) };
}

// The paths are known, and GitLab's by name; which other twins speak MCP is not, so these few are our choice.
function mcpOf(name: string): TwinMcp | null {
  if (!["gitlab", "github", "slack", "stripe", "linear", "notion"].includes(name)) return null;
  return {
    server_name: `${name}-twin`,
    transport: "streamable_http",
    path: name === "gitlab" ? "/api/v4/mcp" : "/mcp",
    auth: "Bearer token of the twin",
  };
}
