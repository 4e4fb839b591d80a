import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { SlackOptions } from "./types.ts";

const manifest = z.object({
  features: z.object({
    bot_user: z.object({ display_name: z.string() }),
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string(),
        usage_hint: z.string(),
        should_escape: z.boolean().default(false),
      }),
    ),
    shortcuts: z.array(
      z.object({ name: z.string(), type: z.enum(["global", "message"]), callback_id: z.string() }),
    ),
    unfurl_domains: z.array(z.string()).default([]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
});

/**
 * A workspace into which the app of this manifest is installed: it grants what the manifest asks for, and tells the app
 * of nothing that isn't declared there.
 */
export function installed(file: string | URL): SlackOptions {
  const { features, oauth_config, settings } = manifest.parse(parse(readFileSync(file, "utf8")));
  return {
    scopes: oauth_config.scopes.bot,
    events: settings.event_subscriptions.bot_events,
    slashEscape: features.slash_commands.some(({ should_escape }) => should_escape),
    unfurlDomains: features.unfurl_domains,
    app: {
      name: features.bot_user.display_name,
      commands: features.slash_commands,
      shortcuts: features.shortcuts,
    },
  };
}
