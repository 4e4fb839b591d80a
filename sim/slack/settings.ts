import { randomBytes } from "node:crypto";
import type { Bench } from "./bench.ts";
import type { AppSurface } from "./page/page.ts";
import type { ChannelOptions, SlackOptions, Timing, UserOptions } from "./types.ts";

/** The options with everything filled in, and the app's credentials. */
export interface Settings {
  readonly port: number;
  readonly team: { id: string; domain: string };
  readonly users: readonly (string | UserOptions)[];
  readonly channels: readonly ChannelOptions[];
  readonly scopes: readonly string[];
  readonly rateLimits: boolean;
  readonly slashEscape: boolean;
  readonly unfurlDomains: readonly string[];
  readonly timing: Timing;
  readonly now: () => number;
  readonly app: AppIdentity;
  readonly surface: AppSurface;
  readonly events: readonly string[];
  readonly bench: Bench;
}

interface AppIdentity {
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly botName: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The deprecated `token` field of payloads; receivers must not rely on it. */
  readonly verificationToken: string;
}

const CHANNELS: readonly ChannelOptions[] = [
  { name: "dev", members: ["alice", "bob"] },
  { name: "ops", members: ["alice", "carol"] },
  { name: "lonely", members: ["alice"], bot: false },
  { name: "secret", members: ["alice"], private: true },
];

const SCOPES: readonly string[] = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "commands",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "links:read",
  "links:write",
  "mpim:history",
  "users:read",
];

/** docs.slack.dev: interactivity (3 s), response_url (30 min), Events API (at once, 1 min, 5 min). */
const TIMING: Timing = {
  ackMs: 3000,
  triggerMs: 3000,
  responseUrlMs: 30 * 60_000,
  eventRetryMs: [1000, 60_000, 300_000],
};

/** What the app declares when it is not described. */
const ARGA: AppSurface = {
  commands: [{ command: "/arga", usage_hint: "twins stripe 60", description: "Digital twins from Slack" }],
  shortcuts: [
    { name: "Start twins", type: "global", callback_id: "arga_twins" },
    { name: "Run a test", type: "global", callback_id: "arga_test" },
    { name: "Test with Arga", type: "message", callback_id: "arga_test_message" },
  ],
};

const EVENTS: readonly string[] = [
  "app_home_opened",
  "app_mention",
  "link_shared",
  "member_joined_channel",
  "message.im",
];

export function settle(options: SlackOptions): Settings {
  const surface = options.app ?? ARGA;
  return {
    port: options.port ?? 0,
    team: options.team ?? { id: "T0SIM", domain: "sim" },
    users: options.users ?? ["alice", "bob", "carol"],
    channels: options.channels ?? CHANNELS,
    scopes: options.scopes ?? SCOPES,
    rateLimits: options.rateLimits ?? true,
    slashEscape: options.slashEscape ?? false,
    unfurlDomains: options.unfurlDomains ?? ["app.argalabs.com"],
    timing: { ...TIMING, ...options.timing },
    now: options.now ?? Date.now,
    app: newApp(surface.name ?? "simbot"),
    surface,
    events: options.events ?? EVENTS,
    bench: options.bench ?? { switches: [], notes: [] },
  };
}

/** Credentials are random so that a test can look for them where they must not be. */
function newApp(botName: string): AppIdentity {
  const secret = () => randomBytes(16).toString("hex");
  return {
    appId: "A0SIMAPP",
    botId: "B0SIMBOT",
    botUserId: "U0SIMBOT",
    botName,
    botToken: `xoxb-1-${secret()}`,
    appToken: `xapp-1-A0SIMAPP-${secret()}`,
    signingSecret: secret(),
    verificationToken: secret(),
  };
}
