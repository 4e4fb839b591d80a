import { createHash } from "node:crypto";
import type { App as BoltApp } from "@slack/bolt";
import { nearest } from "../../kinds/grammar.ts";
import type { Content } from "../../views/card.ts";
import { helpWithForm, inThread, withButton } from "../../views/help.ts";
import { refusal, textContent } from "../../views/replies.ts";
import { greeting } from "../../views/welcome.ts";
import { isSynonym, runCommand } from "../commands/commands.ts";
import { grammars } from "../commands/grammars.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import { replyToUser } from "../shared/tell.ts";
import { type NameOf, slackNames } from "./user-names.ts";

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
  /** The workspaces of somebody from outside, in a channel that is shared with them. */
  user_team?: string;
  source_team?: string;
  team?: string;
}

/** How a message came here. */
interface Arrival {
  team: string;
  /** The bot's own user id. */
  bot: string;
  isRetry: boolean;
}

/** Mentions of the bot, and what is written to it directly: the words of `/arga` do what they do there. */
export function onMentions(app: BoltApp, context: HandlerContext): void {
  const nameOf = slackNames(context);
  app.event("app_mention", async ({ event, body, context: bolt }) =>
    onMessage({ context, nameOf }, event as MessageEvent, arrivalOf(body, bolt)),
  );
  app.event("message", async ({ event, body, context: bolt }) =>
    onMessage({ context, nameOf }, event as MessageEvent, arrivalOf(body, bolt)),
  );
}

const arrivalOf = (
  body: { team_id: string },
  context: { botUserId?: string; teamId?: string; retryNum?: number },
): Arrival => ({
  // The workspace that the bot is installed in, which need not be the author's.
  team: context.teamId ?? body.team_id,
  bot: context.botUserId ?? "",
  isRetry: (context.retryNum ?? 0) > 0,
});

interface Listener {
  context: HandlerContext;
  nameOf: NameOf;
}

/**
 * Carries out what was said, and answers. The request's key is the message's own, so that neither Slack's
 * repetition nor the same message as another event has a second effect; nor is it answered twice.
 */
async function onMessage(listener: Listener, heard: MessageEvent, arrival: Arrival): Promise<void> {
  const { context } = listener;
  if (!isForUs(heard, arrival.bot)) return;
  const interaction = await requestOf(listener, heard, arrival.team);
  const content = isOutsider(heard, arrival.team)
    ? textContent("Only people of this workspace can use me.")
    : await answerTo(context, interaction, textForBot(heard.text ?? "", arrival.bot));
  // What could not be kept, because Redis is away, is told once all the same.
  const isFirst = await context.store
    .once(arrival.team, `answered:${interaction.key}`)
    .catch(() => !arrival.isRetry);
  if (content && isFirst) context.waitUntil(answer(context, interaction, content));
}

/** What people write, and nothing that is only told about a message: edits, joins, other bots. */
const WRITTEN = new Set([undefined, "file_share", "thread_broadcast", "me_message"]);

/** Whether a message is a person's, newly written, and meant for the bot. */
export function isForUs(heard: MessageEvent, bot: string): boolean {
  const { user, bot_id: otherBot, subtype, edited } = heard;
  if (user === undefined || user === bot || user === "USLACKBOT" || otherBot !== undefined) return false;
  if (edited !== undefined || !WRITTEN.has(subtype)) return false;
  return heard.type === "app_mention" || heard.channel_type === "im";
}

/** In a channel that two companies share, those of the other one must not spend what is ours. */
const isOutsider = ({ user_team, source_team, team: own }: MessageEvent, team: string): boolean =>
  [user_team, source_team, own].some((each) => each?.startsWith("T") && each !== team);

async function requestOf(
  { context, nameOf }: Listener,
  heard: MessageEvent,
  team: string,
): Promise<Interaction> {
  const { channel, ts, thread_ts: threadTs, user = "" } = heard;
  const [name, hidden] = await Promise.all([nameOf(team, user), isHiddenPlace(context, heard, team)]);
  const thread = threadTs ? { threadTs } : {};
  return {
    team,
    actor: { id: user, name, channel },
    reply: { user, channel, ...thread, at: Date.now() },
    key: createHash("sha256").update(`${channel} ${ts}`).digest("base64url").slice(0, 16),
    trigger: "",
    hidden,
    ...thread,
  };
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
  const [before = "", ...after] = text.split(new RegExp(`<@${bot}(?:\\|[^>]*)?>`));
  const rest = after.join(" ").replace(/^[\s:,]+/, "");
  return bare(rest.trim() === "" ? before : rest);
}

/** What was copied out of our help comes as code, and with the slash. */
const bare = (text: string): string =>
  text
    .trim()
    .replace(/^(```|`)([\s\S]*)\1$/, "$2")
    .trim()
    .replace(/^[/@]?arga(?=\s|$)[\s:,]*/i, "");

/** What somebody means. */
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
/** By themselves, these open a form. */
const FORMS = new Set(["twins", "test", "notify"]);

/** Finds out what somebody means; `names` are the commands that there are. */
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
  if (FORMS.has(first) && others.length === 0) return { type: "form", name: first };
  return first === "logs" ? { type: "logs", text } : { type: "command", text };
}

const lowerWords = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}-]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word !== "");

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
        `I do not know what to do with that. Did you mean \`${meaning.name}\`?`,
        named(meaning.name)?.examples[0],
      );
    case "form": {
      const grammar = named(meaning.name);
      return grammar ? helpWithForm(grammar) : await runCommand(context, interaction, meaning.name);
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

/** For the person alone; in a direct message, where nobody else is, as a message that stays. */
const answer = (context: HandlerContext, interaction: Interaction, content: Content): Promise<void> =>
  replyToUser(context, interaction, interaction.reply.threadTs ? inThread(content) : content);
