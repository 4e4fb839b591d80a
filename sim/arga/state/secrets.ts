import { randomBytes } from "node:crypto";

const hex = (digits: number): string => randomBytes(digits / 2).toString("hex");

const word = (length: number): string =>
  randomBytes(length * 2)
    .toString("base64")
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .slice(0, length);

const googleToken = (): string => `ya29.${word(60)}`;

// The prefixes are the providers' own, so that a leak is found by searching for them.
const makers: Record<string, Record<string, () => string>> = {
  stripe: {
    STRIPE_API_KEY: () => `sk_test_${word(32)}`,
    STRIPE_SECRET_KEY: () => `sk_test_${word(32)}`,
    STRIPE_WEBHOOK_SECRET: () => `whsec_${word(32)}`,
  },
  slack: {
    SLACK_BOT_TOKEN: () => `xoxb-${word(12)}-${word(12)}-${word(24)}`,
    SLACK_SIGNING_SECRET: () => hex(32),
  },
  github: { GITHUB_TOKEN: () => `ghp_${word(36)}` },
  gitlab: { GITLAB_TOKEN: () => `glpat-${word(20)}` },
  salesforce: { SALESFORCE_ACCESS_TOKEN: () => `00D${word(12)}!${word(80)}` },
  gmail: { GOOGLE_ACCESS_TOKEN: googleToken, GMAIL_ACCESS_TOKEN: googleToken },
  google_calendar: { GOOGLE_ACCESS_TOKEN: googleToken, GOOGLE_CALENDAR_ACCESS_TOKEN: googleToken },
  google_drive: { GOOGLE_ACCESS_TOKEN: googleToken, GOOGLE_DRIVE_ACCESS_TOKEN: googleToken },
  notion: { NOTION_API_KEY: () => `secret_${word(43)}`, NOTION_TOKEN: () => `secret_${word(43)}` },
  jira: { JIRA_API_TOKEN: () => `ATATT3x${word(60)}` },
  linear: { LINEAR_API_KEY: () => `lin_api_${word(40)}` },
  box: { BOX_ACCESS_TOKEN: () => word(32) },
  dropbox: { DROPBOX_ACCESS_TOKEN: () => `sl.${word(60)}` },
  discord: { DISCORD_TOKEN: () => `${word(24)}.${word(6)}.${word(38)}` },
  linkedin: { LINKEDIN_ACCESS_TOKEN: () => `AQ${word(60)}` },
  unified: { UNIFIED_API_KEY: () => word(40) },
  unstructured: { UNSTRUCTURED_API_KEY: () => word(40) },
  datadog: { DD_API_KEY: () => hex(32) },
  okta: { OKTA_API_TOKEN: () => `00${word(40)}` },
};

/** A run's proxy token. Its real format is not known. */
export function proxyToken(): string {
  return `ptk_${word(40)}`;
}

/** Fresh fake secrets of one twin by variable name; none for a twin whose variables no source names. */
export function twinSecrets(twin: string): Record<string, string> {
  return Object.fromEntries(Object.entries(makers[twin] ?? {}).map(([name, make]) => [name, make()]));
}

/** Variables whose value is the twin's own address, and so changes when the run is locked. */
export function addressVariables(twin: string, baseUrl: string): Record<string, string> {
  if (twin === "slack") return { SLACK_API_URL: `${baseUrl}/api/` };
  if (twin === "salesforce") return { SALESFORCE_INSTANCE_URL: baseUrl, SALESFORCE_API_BASE_URL: baseUrl };
  return {};
}
