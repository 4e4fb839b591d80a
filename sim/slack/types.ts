/** What the simulator shows to its users: tests, scripts and the page. Shapes are Slack's where Slack has one. */

import type { Bench } from "./bench.ts";
import type { AppSurface } from "./page/page.ts";

export type Json = Record<string, unknown>;
export type Block = Json;

export interface Metadata {
  event_type: string;
  event_payload: Json;
  entities?: unknown[];
}

/** A state that a message had before an edit. `at` is in ms since the epoch: when that state came to be. */
export interface MessageVersion {
  at: number;
  text: string;
  blocks: Block[];
  metadata?: Metadata;
}

interface Reaction {
  name: string;
  users: string[];
}

/** A message that everybody in the channel sees. `thread_ts` is set on replies alone. */
export interface SlackMessage {
  type: "message";
  subtype?: string;
  ts: string;
  /** The channel's id. */
  channel: string;
  user: string;
  bot_id?: string;
  app_id?: string;
  text: string;
  blocks: Block[];
  attachments?: Json[];
  metadata?: Metadata;
  /** Files that were shared with it. */
  files?: Json[];
  thread_ts?: string;
  edited?: { user: string; ts: string };
  reactions: Reaction[];
  /** When the present state came to be, ms since the epoch. */
  at: number;
  /** Earlier states, oldest first. */
  history: MessageVersion[];
}

/** Where an ephemeral message comes from. The last three are Slack's own notices: of a delivery that failed, of a command that nobody declared. */
export type EphemeralKind =
  | "response_url"
  | "postEphemeral"
  | "ack"
  | "operation_timeout"
  | "dispatch_failed"
  | "invalid_command";

/** A message that one person sees. `channel` is absent when it concerns a modal or a global shortcut. */
export interface EphemeralMessage {
  ephemeral: true;
  kind: EphemeralKind;
  ts: string;
  channel?: string;
  /** The one who sees it. */
  user: string;
  text: string;
  blocks: Block[];
  attachments?: Json[];
  thread_ts?: string;
  at: number;
  history: MessageVersion[];
}

export type ViewValues = Record<string, Record<string, Json>>;

/** A modal or a Home tab, as Slack puts it into payloads; `errors` are those shown under its inputs. */
export interface View {
  id: string;
  team_id: string;
  type: "modal" | "home";
  title?: Json;
  submit?: Json;
  close?: Json;
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  state: { values: ViewValues };
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  clear_on_close: boolean;
  notify_on_close: boolean;
  app_id: string;
  bot_id: string;
  app_installed_team_id: string;
  errors?: Record<string, string>;
}

/** What a person chose in an element: `value` for one, `values` for many, `blockId` where the action occurs twice. */
export interface Choice {
  value?: string;
  values?: string[];
  blockId?: string;
}

/** What the acting person saw as the direct answer to what they did. */
export interface Shown {
  text?: string;
  blocks?: Block[];
  errors?: Record<string, string>;
  view?: View;
}

/** One thing brought to the bot, and how the bot answered. Times in ms. */
export interface Delivery {
  id: string;
  /** False when Slack had nothing to deliver (no scope, not subscribed, no `notify_on_close`). */
  delivered: boolean;
  transport: "http" | "socket" | "none";
  ackMs: number;
  timedOut: boolean;
  /** HTTP alone; absent when no answer came. */
  status?: number;
  /** Why Slack regards it as failed, in the words of its retry reasons. */
  failure?: string;
  /** The body of the acknowledgement: text, JSON, or absent when it was empty. */
  answer?: string | Json;
  shown?: Shown;
  triggerId?: string;
  payload: Json;
}

/** A request that was put together by hand, to see what the receiver makes of it. */
export interface RawRequest {
  body: string;
  contentType?: string;
  /** Unix seconds; now when left out. */
  timestamp?: number | string;
  /** The right one for body and timestamp when left out; `null` sends none. */
  signature?: string | null;
  headers?: Record<string, string>;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * How calls are to fail. A rule counts for the calls to `method` (a Web API method, `response_url`, or
 * `hello` for the first frame of a socket) and `channel` (name or id), after `after` of them went by, `times` times.
 * It waits first (`delayMs`, then `hold`), before anything is applied; then it does `action`:
 * `respond` with `error` (ok:false), `status` or 429 with `retryAfter` seconds, or as usual when none is given;
 * `reset` the connection with nothing applied; `lose` the answer after it was applied; `garble` it likewise: 200
 * with `text` in its place; `hang` for ever.
 */
export interface FaultRule {
  method?: string | RegExp;
  channel?: string;
  times?: number;
  after?: number;
  delayMs?: number;
  hold?: Promise<void>;
  error?: string;
  status?: number;
  retryAfter?: number;
  action?: "respond" | "reset" | "lose" | "garble" | "hang";
  /** The text that `garble` answers with. */
  text?: string;
}

export interface LogEntry {
  /** ms since the epoch, when it was settled. */
  at: number;
  /** `held`: a fault rule makes a call wait, its own entry follows; the others are as they say. */
  kind: "api" | "delivery" | "ack" | "response_url" | "socket" | "timeout" | "held";
  /** Web API method; command, payload or event type; or what happened to a socket. */
  method: string;
  args: Json;
  ok: boolean;
  error?: string;
  status?: number;
  /** Whether it changed or read the workspace, whatever the caller got to hear. */
  applied: boolean;
  /** The channel's id. */
  channel?: string;
  ts?: string;
  messageBefore?: SlackMessage;
  fault?: string;
}

/** Slack's own limits of time, in ms; shorter ones make tests quick. */
export interface Timing {
  /** Until a delivery has to be acknowledged. */
  ackMs: number;
  /** Life of a trigger_id. */
  triggerMs: number;
  /** Life of a response_url. */
  responseUrlMs: number;
  /** Pauses before the first, second and third retry of an event. */
  eventRetryMs: readonly number[];
}

/** The workspace somebody from outside is at home in. */
export interface UserHome {
  team: string;
  /** The Enterprise Grid that it shares with this one; left out: another company's. */
  grid?: string;
}

export interface UserOptions {
  name: string;
  home?: UserHome;
}

export interface ChannelOptions {
  name: string;
  members: string[];
  /** Whether the bot is a member; true when left out. */
  bot?: boolean;
  private?: boolean;
  archived?: boolean;
}

export interface SlackOptions {
  port?: number;
  /** Shown beside the page; none when left out. */
  bench?: Bench;
  /** What the app declares; `/arga` and the bot's shortcuts when left out. */
  app?: AppSurface;
  /** The events that it subscribes to, as in `message.im`; the bot's when left out. */
  events?: string[];
  team?: { id: string; domain: string };
  users?: (string | UserOptions)[];
  channels?: ChannelOptions[];
  scopes?: string[];
  rateLimits?: boolean;
  slashEscape?: boolean;
  /** Domains for which `link_shared` is sent, with all below them; that of Arga's dashboard when left out. */
  unfurlDomains?: string[];
  timing?: Partial<Timing>;
  /** ms since the epoch; the clock that triggers, response_urls, rate limits and ts values go by. */
  now?: () => number;
}

/** A link that is written but not sent yet: its preview is seen by its writer alone. */
export interface Draft {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly previews: Json[];
}

/** What an `unfurl_id` stands for, with the `source` that belongs to it. */
export type Shared =
  | { readonly source: "composer"; readonly draft: Draft }
  | { readonly source: "conversations_history"; readonly message: SlackMessage };
