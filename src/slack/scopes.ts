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

/** What whoever installs the app may leave out, and what is so without it. */
export const OPTIONAL_SCOPES: Readonly<Record<string, string>> = {
  "files:write": "pictures of failures are only linked",
};
