/** What the manifests ask for (docs/slack-app.md#scopes). */
export const NEEDED_SCOPES = [
  "commands",
  "chat:write",
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "groups:history",
  "im:history",
  "links:read",
  "links:write",
  "mpim:history",
  "users:read",
] as const;
