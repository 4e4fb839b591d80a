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

/** What whoever installs the app may leave out: pictures of a failure are then linked. */
export const OPTIONAL_SCOPES = ["files:write"] as const;
