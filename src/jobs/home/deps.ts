import type { Logger } from "pino";
import type { Actor } from "../../runs/authority.ts";
import type { Lane, Pacer } from "../../slack/pacer.ts";
import type { CardLinks } from "../../slack/permalink.ts";
import type { SlackWeb } from "../../slack/web.ts";
import type { AppHomeStore } from "../../store/app-home.ts";
import type { ArgaCache } from "../../store/arga-cache.ts";
import type { RunStore } from "../../store/runs.ts";
import type { SettingsStore } from "../../store/settings.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { RunQueues } from "../queues.ts";

/** What Homes are made of and published with. */
export interface HomeDeps {
  store: RunStore;
  homes: AppHomeStore;
  settings: SettingsStore;
  subscriptions: SubscriptionStore;
  argaCache: ArgaCache;
  queues: RunQueues;
  slack: SlackWeb;
  pacer: Pacer;
  links: CardLinks;
  logger: Logger;
  admins: ReadonlySet<string>;
  maxTtlMinutes: number;
  /** Makes what is asked of Arga be given up. */
  signal: AbortSignal;
}

/** `views.publish` has a limit of its own, 100 a minute for a workspace; some distance is kept from it. */
export const homeLane: Lane = { name: "views.publish", limit: 90, windowMs: 60_000 };

/** A Home is in no channel: what is open to a channel's people is not open to its reader. */
export const readerOf = (user: string): Actor => ({ id: user, name: user, channel: "" });
