import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { events as listeners } from "../../src/handlers/events/index.ts";
import { shortcuts } from "../../src/handlers/shortcuts/index.ts";
import { SLASH_COMMAND } from "../../src/slack/ids.ts";
import { NEEDED_SCOPES, OPTIONAL_SCOPES } from "../../src/slack/scopes.ts";
import { found, read, source } from "./files.ts";

/** Slack's manifest schema, as far as our manifests use it: sizes, and no field that we do not mean. */
const manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.number() }),
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().max(140),
    long_description: z.string().min(175).max(4000),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z
            .string()
            .regex(/^\/\S+$/)
            .max(32),
          description: z.string().max(2000),
          usage_hint: z.string().max(1000),
          should_escape: z.boolean(),
          url: z.url().optional(),
        }),
      )
      .max(50),
    shortcuts: z
      .array(
        z.strictObject({
          name: z.string().max(24),
          type: z.enum(["global", "message"]),
          callback_id: z.string().max(255),
          description: z.string().max(150),
        }),
      )
      .max(10),
    unfurl_domains: z.array(z.string()).max(5),
  }),
  oauth_config: z.strictObject({
    scopes: z.strictObject({
      bot: z.array(z.string()).max(255),
      // Each stands in `bot` as well.
      bot_optional: z.array(z.string()).max(255),
    }),
  }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({
      request_url: z.url().optional(),
      bot_events: z.array(z.string()).max(100),
    }),
    interactivity: z.strictObject({
      is_enabled: z.boolean(),
      request_url: z.url().optional(),
      message_menu_options_url: z.url().optional(),
    }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

const HISTORY = ["channels:history", "groups:history", "im:history", "mpim:history"];

/** Every method that the bot may call, with the bot scopes that it needs. */
const SCOPES: Record<string, string[]> = {
  "auth.test": [],
  "apps.connections.open": [],
  "chat.postMessage": ["chat:write"],
  "chat.update": ["chat:write"],
  "chat.postEphemeral": ["chat:write"],
  "chat.getPermalink": [],
  "chat.unfurl": ["links:write"],
  "conversations.history": HISTORY,
  "conversations.replies": HISTORY,
  "conversations.info": ["channels:read"],
  "files.getUploadURLExternal": ["files:write"],
  "files.completeUploadExternal": ["files:write"],
  "users.info": ["users:read"],
  "views.open": [],
  "views.update": [],
  "views.publish": [],
};

/** Every event that the bot may subscribe to, with its scopes. */
const EVENT_SCOPES: Record<string, string[]> = {
  app_home_opened: [],
  app_mention: ["app_mentions:read"],
  link_shared: ["links:read"],
  member_joined_channel: ["channels:read"],
  "message.im": ["im:history"],
};

const load = (file: string) => manifest.parse(parse(read(file)));
const socket = () => load("slack-manifest.yaml");
const http = () => load("slack-manifest.http.yaml");

/** All that Slack's Web API has, so that a first call of a family isn't overlooked. */
const FAMILIES = [
  ...["admin", "api", "apps", "assistant", "auth", "bookmarks", "bots", "calls", "canvases", "chat"],
  ...["conversations", "dialog", "dnd", "emoji", "entity", "files", "functions", "migration", "oauth"],
  ...["openid", "pins", "reactions", "reminders", "rtm", "search", "slackLists", "stars", "team"],
  ...["tooling", "usergroups", "users", "views", "workflows"],
].join("|");

/** Web API methods stand in the source as strings; Socket Mode's own client opens the connections. */
const methodsCalled = (): string[] => {
  const strings = new RegExp(`"((?:${FAMILIES})\\.\\w[\\w.]*)"`, "g");
  return [...new Set([...found(source(), strings), "apps.connections.open"])];
};

describe("the app's manifest", () => {
  test("asks for the scopes that the bot's calls need, and for no other", () => {
    const events = socket().settings.event_subscriptions.bot_events;
    const needed = [
      ...methodsCalled().flatMap((method) => SCOPES[method] ?? [`${method}: what does it need?`]),
      ...events.flatMap((event) => EVENT_SCOPES[event] ?? [`${event}: what does it need?`]),
    ];
    expect(socket().oauth_config.scopes.bot.sort()).toEqual([...new Set([...needed, "commands"])].sort());
  });

  test("has each scope and each method explained", () => {
    const page = read("docs/slack-app.md");
    expect(found(page, /^\| `([a-z_]+(?::[a-z]+)?)` \|/gm)).toEqual(
      expect.arrayContaining(socket().oauth_config.scopes.bot),
    );
    const explained = found(page, new RegExp(`\`((?:${FAMILIES})\\.\\w[\\w.]*)\``, "g"));
    expect(explained.sort()).toEqual(methodsCalled().sort());
  });

  test("subscribes to the events that the bot listens to, each explained", () => {
    const { bot_events: events } = socket().settings.event_subscriptions;
    expect(events.map((event) => event.replace(/\..*/, "")).sort()).toEqual(Object.keys(listeners).sort());
    const page = read("docs/slack-app.md");
    for (const event of events) expect(page).toContain(`| \`${event}\` |`);
  });

  test("has the shortcuts that the bot answers, each explained", () => {
    const page = read("docs/slack-app.md");
    const ids = socket().features.shortcuts.map(({ callback_id }) => callback_id);
    expect(ids.sort()).toEqual(Object.keys(shortcuts).sort());
    for (const id of ids) expect(page).toContain(`\`${id}\``);
  });

  test("describes the one command of the bot", () => {
    expect(socket().features.slash_commands.map(({ command }) => command)).toEqual([SLASH_COMMAND]);
  });

  test("asks for what the bot compares the granted scopes with", () => {
    const { bot, bot_optional } = socket().oauth_config.scopes;
    expect(bot).toEqual([...NEEDED_SCOPES, ...Object.keys(OPTIONAL_SCOPES)]);
    expect(bot_optional).toEqual(Object.keys(OPTIONAL_SCOPES));
  });

  test("works without an address in Socket Mode", () => {
    const { settings } = socket();
    expect(settings.socket_mode_enabled).toBe(true);
    expect(read("slack-manifest.yaml")).not.toMatch(/url:/);
  });

  test("posts to the bot's one route in HTTP mode, and differs in nothing else", () => {
    const { settings, features } = http();
    const urls = [
      settings.interactivity.request_url,
      // Without it no menu that is searched as one types gets any options.
      settings.interactivity.message_menu_options_url,
      settings.event_subscriptions.request_url,
      ...features.slash_commands.map(({ url }) => url),
    ];
    for (const url of urls) expect(new URL(String(url)).pathname).toBe("/slack/events");
    expect(source()).toContain('"/slack/events"');
    expect(settings.socket_mode_enabled).toBe(false);
    const text = JSON.stringify(parse(read("slack-manifest.http.yaml")));
    const without = text
      .replaceAll(/"(request_|message_menu_options_)?url":"[^"]+",?/g, "")
      .replaceAll(",}", "}");
    const other = JSON.stringify(socket()).replace(
      '"socket_mode_enabled":true',
      '"socket_mode_enabled":false',
    );
    expect(manifest.parse(JSON.parse(without))).toEqual(JSON.parse(other));
  });
});
