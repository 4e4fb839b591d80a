/** Names whose spelling no rule gives; the catalog's labels are not at hand where a card is drawn. */
const LABELS: Record<string, string> = {
  checkhq: "CheckHQ",
  github: "GitHub",
  gitlab: "GitLab",
  hubspot: "HubSpot",
  linkedin: "LinkedIn",
  quickbooks: "QuickBooks",
};

/** What a twin is called in front of people. */
export const labelOf = (name: string): string =>
  LABELS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
