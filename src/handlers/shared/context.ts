import type { Logger } from "pino";
import type { ArgaClient } from "../../api/client.ts";
import type { Config } from "../../base/config.ts";
import type { ReplyDeps } from "../../delivery/reply-to-user.ts";
import type { Finding } from "../../doctor/finding.ts";
import type { RunQueues } from "../../jobs/queues.ts";
import type { Actor } from "../../runs/authority.ts";
import type { ReplyTo, Thread } from "../../runs/run.ts";
import type { People } from "../../slack/people.ts";
import type { CardLinks } from "../../slack/permalink.ts";
import type { SlackWeb } from "../../slack/web.ts";
import type { AppHomeStore } from "../../store/app-home.ts";
import type { ArgaCache } from "../../store/arga-cache.ts";
import type { ChannelOutboxStore } from "../../store/channel-outbox.ts";
import type { DigestStore } from "../../store/digests.ts";
import type { RunStore } from "../../store/runs.ts";
import type { PersonalSettings, SettingsStore } from "../../store/settings.ts";
import type { SubscriptionStore } from "../../store/subscriptions.ts";
import type { ViewContext } from "../../views/buttons.ts";

/** What handlers work with. */
export interface HandlerContext {
  config: Config;
  store: RunStore;
  queues: RunQueues;
  argaCache: ArgaCache;
  subscriptions: SubscriptionStore;
  boards: ChannelOutboxStore;
  digests: DigestStore;
  homes: AppHomeStore;
  settings: SettingsStore;
  arga: ArgaClient;
  slack: SlackWeb;
  links: CardLinks;
  replies: ReplyDeps;
  people: People;
  logger: Logger;
  /** The bot's own user id, by which it can be mentioned whatever it is called. */
  bot: string;
  /** Looks at all that can be wrong with the set-up. */
  examine: () => Promise<Finding[]>;
  /** Work that goes on after the acknowledgement; the process waits for it when it drains. */
  waitUntil: (work: Promise<unknown>) => void;
}

/** One delivery from Slack, whatever its form: who asks, where, and how to reply. */
export interface Interaction {
  team: string;
  actor: Actor;
  reply: ReplyTo;
  /** Unique to this delivery and the same when it is repeated. */
  key: string;
  /** Slack's trigger id: opens a modal, once, within three seconds. */
  trigger: string;
  /** In a private channel or a direct message. */
  hidden: boolean;
  /** The message that was pressed on, and the thread that it stands in, if any. */
  pressedOn?: { channel: string; ts: string; threadTs?: string | undefined };
  /** The thread in which it was asked, and is to be answered; slash commands have none. */
  threadTs?: string;
  /** The thread of a message that it is asked from: it hears of the end. */
  sourceThread?: Thread;
  /** What its person chose, where that was asked for ahead. */
  settings?: Promise<PersonalSettings>;
}

export const viewContext = (context: HandlerContext): ViewContext => ({
  now: Date.now(),
  maxTtlMinutes: context.config.maxTtlMinutes,
});
