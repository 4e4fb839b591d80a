import { nearest } from "../../kinds/grammar.ts";
import type { Content } from "../../views/card.ts";
import { helpWithForm, inThread, withButton } from "../../views/help.ts";
import { refusal } from "../../views/replies.ts";
import { greeting } from "../../views/welcome.ts";
import { grammars, hasForm, isSynonym } from "../commands/index.ts";
import { runCommand } from "../commands/run-command.ts";
import { commandText } from "../shared/command-text.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import type { EventDelivery } from "../shared/handlers.ts";
import { messageInteraction } from "../shared/interaction.ts";
import { OUTSIDERS_REFUSED } from "../shared/outsiders.ts";
import { replyToUser } from "../shared/tell.ts";

/** What is used of an `app_mention` or a `message` event. */
export interface MessageEvent {
  type: string;
  subtype?: string;
  /** Absent from what no person wrote. */
  user?: string;
  bot_id?: string;
  text?: string;
  ts: string;
  channel: string;
  /** Slack leaves it out of mentions. */
  channel_type?: string;
  thread_ts?: string;
  edited?: unknown;
  /** The person's own workspace. */
  user_team?: string;
}

/**
 * A mention of the bot, or what is written to it directly: the words of `/arga` do what they do there. The
 * interaction's key is the message's own, so that neither Slack's repetition nor the same message as another event has
 * a second effect; nor is it answered twice.
 */
export async function onMessage(
  context: HandlerContext,
  event: unknown,
  { team, botUserId, isRetry, isExternallyShared }: EventDelivery,
): Promise<void> {
  const message = event as MessageEvent;
  if (!isForUs(message, botUserId)) return;
  const interaction = await interactionOf(context, message, team);
  const isOurs = await context.people.isColleague(
    team,
    message.user ?? "",
    homeOf(message, team, isExternallyShared),
  );
  const content = !isOurs
    ? OUTSIDERS_REFUSED
    : await answerTo(context, interaction, textForBot(message.text ?? "", botUserId));
  // What could not be kept, because Redis is away, is told once all the same.
  const isFirst = await context.store.once(team, `answered:${interaction.key}`).catch(() => !isRetry);
  if (content && isFirst) context.waitUntil(answer(context, interaction, content));
}

/** What people write, and nothing that is only told about a message: edits, joins, other bots. */
const WRITTEN = new Set([undefined, "file_share", "thread_broadcast", "me_message"]);

/** Whether a message is a person's, newly written, and meant for the bot. */
export function isForUs(message: MessageEvent, bot: string): boolean {
  const { user, bot_id: otherBot, subtype, edited } = message;
  if (user === undefined || user === bot || user === "USLACKBOT" || otherBot !== undefined) return false;
  if (edited !== undefined || !WRITTEN.has(subtype)) return false;
  return message.type === "app_mention" || message.channel_type === "im";
}

/** The workspace of whoever wrote it: `source_team` and `team` are where the message was written, or went. */
const homeOf = ({ user_team }: MessageEvent, team: string, isShared: boolean): string | undefined =>
  user_team ?? (isShared ? undefined : team);

async function interactionOf(
  context: HandlerContext,
  message: MessageEvent,
  team: string,
): Promise<Interaction> {
  const { channel, ts, thread_ts: threadTs, user: id = "" } = message;
  const [name, hidden] = await Promise.all([
    context.people.nameOf(team, id),
    isHiddenPlace(context, message, team),
  ]);
  return messageInteraction({ team, channel, ts, threadTs, user: { id, name }, hidden });
}

/** A mention does not say what kind of channel it stands in. */
async function isHiddenPlace(
  context: HandlerContext,
  { channel, channel_type: type }: MessageEvent,
  team: string,
): Promise<boolean> {
  if (type !== undefined) return type !== "channel";
  return channel.startsWith("D") || (await conversationInfo(context, team, channel)).hidden;
}

/** The words after the bot's mention, or those before it if nothing follows; without a mention, all of them. */
export function textForBot(text: string, bot: string): string {
  const [before = "", ...after] = text.split(new RegExp(`<@${bot}(?:\\|[^<>]{0,100})?>`));
  const rest = after.join(" ").replace(/^[\s:,]+/, "");
  return commandText(rest.trim() === "" ? before : rest);
}

/** What a person means. */
export type Intent =
  | { type: "command"; text: string }
  /** A command that opens a window, which a message cannot. */
  | { type: "form"; name: string }
  | { type: "logs"; text: string }
  /** A sentence with a command's name somewhere in it. */
  | { type: "nearest"; name: string }
  | { type: "greeting" };

const MANNERS =
  /^(?:(?:hi|hello|hey|hiya|howdy|yo|hallo|greetings|good|morning|evening|thanks|thank|you|thx|cheers|please|ping)(?![\p{L}\p{N}-])[^\p{L}\p{N}/`"']*)+/iu;
const QUESTIONS = new Set(["what", "who", "how", "why", "where"]);

/** Finds out what a person means; `names` are the commands that there are. */
export function intentOf(text: string, names: readonly string[]): Intent {
  const rest = text.trim().replace(MANNERS, "");
  const [first = "", ...others] = lowerWords(rest);
  if (first === "") return { type: "greeting" };
  if (nearest(first, names) !== undefined || isSynonym(first)) return commandOf(rest, first, others);
  const name = others.find((word) => names.includes(word));
  if (name === "help") return { type: "command", text: "help" };
  if (name !== undefined) return { type: "nearest", name };
  if (rest !== text.trim() || QUESTIONS.has(first)) return { type: "greeting" };
  return { type: "command", text: rest };
}

function commandOf(text: string, first: string, others: readonly string[]): Intent {
  if (hasForm(first) && others.length === 0) return { type: "form", name: first };
  return first === "logs" ? { type: "logs", text } : { type: "command", text };
}

/** Characters in which a command is looked for: a message may have 40,000, and each word is looked at closely. */
const LOOKED_AT = 500;

const lowerWords = (text: string): string[] =>
  text
    .slice(0, LOOKED_AT)
    .toLowerCase()
    .split(/\s+/)
    .map((word) => /[\p{L}\p{N}-](?:.*[\p{L}\p{N}])?/u.exec(word)?.[0] ?? "")
    .filter((word) => /[\p{L}\p{N}]/u.test(word));

/** Never nothing for what cannot be carried out. */
async function answerTo(
  context: HandlerContext,
  interaction: Interaction,
  text: string,
): Promise<Content | undefined> {
  const meaning = intentOf(
    text,
    grammars.map(({ name }) => name),
  );
  switch (meaning.type) {
    case "greeting":
      return greeting(grammars);
    case "nearest":
      return refusal(
        `I don't know what to do with that. Did you mean \`${meaning.name}\`?`,
        named(meaning.name)?.examples[0],
      );
    case "form": {
      const grammar = named(meaning.name);
      return grammar
        ? helpWithForm(grammar, context.bot)
        : await runCommand(context, interaction, meaning.name);
    }
    case "logs":
      return await showLogsButton(context, interaction, meaning.text);
    case "command":
      return await runCommand(context, interaction, meaning.text);
  }
}

const named = (name: string) => grammars.find((grammar) => grammar.name === name);

/** Logs open in a window: the card has the button for it, or the command says why there are none. */
async function showLogsButton(
  context: HandlerContext,
  interaction: Interaction,
  text: string,
): Promise<Content | undefined> {
  const status = await runCommand(context, interaction, text.replace(/^\S+/, "status"));
  const hasButton = status !== undefined && JSON.stringify(status.blocks).includes('"run.logs"');
  return hasButton ? withButton(status, "Logs") : await runCommand(context, interaction, text);
}

/** For the person alone; in a direct message, where no one else is, as a message that stays. */
const answer = (context: HandlerContext, interaction: Interaction, content: Content): Promise<void> =>
  replyToUser(context, interaction, interaction.reply.threadTs ? inThread(content, context.bot) : content);
