import type { Logger } from "pino";
import type { ArgaClient } from "../api/client.ts";
import type { Config } from "../config.ts";
import type { RunQueues } from "../jobs/queues.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Actor } from "../runs/authority.ts";
import type { Reply } from "../runs/run.ts";
import type { SlackWeb } from "../slack/web.ts";
import type { RunStore } from "../store/runs.ts";
import type { ViewContext } from "../views/buttons.ts";

/** What the handlers work with. */
export interface Desk {
  config: Config;
  store: RunStore;
  queues: RunQueues;
  knowledge: Knowledge;
  arga: ArgaClient;
  slack: SlackWeb;
  logger: Logger;
  /** Work that goes on after the acknowledgement; the process waits for it when it drains. */
  later: (work: Promise<unknown>) => void;
}

/** One delivery from Slack, whatever its form: who asks, where, and how to answer. */
export interface Request {
  team: string;
  actor: Actor;
  reply: Reply;
  /** Unique to this delivery and the same when it is repeated. */
  key: string;
  /** Slack's trigger id: opens a modal, once, within three seconds. */
  trigger: string;
  /** In a private channel or a direct message. */
  hidden: boolean;
}

/** A modal, or an App Home, in which something was pressed. */
export interface OpenView {
  id: string;
  /** As it was put into the view by us. */
  metadata: string;
}

/** Names that Slack gives to conversations which not everybody may see: private channels, direct and group messages. */
export const isHidden = (channelName: string | undefined): boolean =>
  channelName === "privategroup" ||
  channelName === "directmessage" ||
  (channelName?.startsWith("mpdm-") ?? false);

export const viewContext = (desk: Desk): ViewContext => ({
  now: Date.now(),
  maxTtlMinutes: desk.config.maxTtlMinutes,
});
