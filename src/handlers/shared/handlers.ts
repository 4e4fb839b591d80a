import type { EventFromType, ViewResponseAction } from "@slack/bolt";
import type { PlainTextOption } from "@slack/types";
import type { CommandGrammar, Line } from "../../kinds/grammar.ts";
import type { EventName } from "../../slack/ids.ts";
import type { Content } from "../../views/card.ts";
import type { HandlerContext, Interaction } from "./context.ts";

/**
 * What a handler of each of Slack's surfaces is given and returns. Each surface has a folder, whose `index.ts` has its
 * handlers by id.
 */

/** Carries out a command; returns what to show the person at once, or nothing if the answer follows. */
export type CommandHandler = (
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
) => Promise<Content | undefined>;

/** A word after `/arga`: how it is typed, and what it does. */
export interface Command {
  grammar: CommandGrammar;
  /** How many words it takes at the most; where there is none, the handler judges them itself. */
  words?: number;
  handle: CommandHandler;
  /** Opens its form, where nothing is typed after its name. */
  open?: ((context: HandlerContext, interaction: Interaction) => Promise<void>) | undefined;
}

/** Of a `block_actions` payload, the element that was used; more than this isn't believed. */
export interface BlockAction {
  blockId: string;
  /** A button's value, or that of the option that was chosen. */
  value: string | undefined;
  /** Where it was used, if not in a message. */
  view?: OpenView | undefined;
}

/** A modal, or someone's Home tab. */
export interface OpenView {
  id: string;
  /** Its `private_metadata`, as we put it there. */
  metadata: string;
  /** `home` or `modal`. */
  type?: string | undefined;
  /** What its inputs and menus hold, by `block_id` and `action_id`. */
  values?: Record<string, Record<string, StateValue>> | undefined;
}

/** Carries out a press or a choice; returns what to show the person alone. */
export type ActionHandler = (
  context: HandlerContext,
  interaction: Interaction,
  action: BlockAction,
) => Promise<Content | undefined>;

/** A modal that was submitted. */
export interface Submission extends OpenView {
  values: Record<string, Record<string, StateValue>>;
}

/** One input, whatever its element: what isn't set is null or absent. */
export interface StateValue {
  type?: string;
  value?: string | null;
  selected_option?: { value?: string } | null;
  selected_options?: { value?: string }[] | null;
  selected_conversation?: string | null;
  selected_users?: string[] | null;
  selected_time?: string | null;
}

/** Takes a submitted modal; returns what is wrong with which input, another view, or nothing: it closes. Never throws. */
export type ViewHandler = (
  context: HandlerContext,
  interaction: Interaction,
  submission: Submission,
) => Promise<ViewResponseAction | undefined>;

/** Offers what fits what was typed into a menu. Never throws. */
export type OptionsHandler = (context: HandlerContext, typed: string) => Promise<PlainTextOption[]>;

/** The message that a shortcut was used on. */
export interface SourceMessage {
  /** As Slack keeps it: with tags and entities (docs/references/slack.md#text-and-escaping). */
  text: string;
  channel: string;
  ts: string;
  /** If it is a reply. */
  threadTs?: string | undefined;
}

/** Carries out a shortcut; one of the global ones has no message. */
export type ShortcutHandler = (
  context: HandlerContext,
  interaction: Interaction,
  message: SourceMessage | undefined,
) => Promise<void>;

/** How an event came here. */
export interface EventDelivery {
  /** The workspace that the bot is installed in, which need not be the author's. */
  team: string;
  botUserId: string;
  isRetry: boolean;
  /** In a channel that is shared with another workspace. */
  isExternallyShared: boolean;
}

/** Hears of an event. */
export type EventHandler<E extends EventName> = (
  context: HandlerContext,
  event: EventFromType<E>,
  delivery: EventDelivery,
) => Promise<void>;
