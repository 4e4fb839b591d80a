import { blocksOf } from "../content.ts";
import type { Answer } from "../deliveries/outgoing.ts";
import type { Channel, User } from "../directory.ts";
import { Refusal } from "../refusal.ts";
import { say } from "../response-posts.ts";
import type { Source } from "../response-urls.ts";
import type { Delivery, Json, Shown } from "../types.ts";
import type { World } from "../world.ts";
import { deliver, delivery, showFailure, showRefused, undelivered } from "./deliver.ts";
import { escapedCommand } from "./escape.ts";
import { channelName } from "./payloads.ts";
import { invite, join } from "./talk.ts";

interface Typed {
  readonly user: User;
  readonly channel: Channel;
  readonly command: string;
  readonly text: string;
}

/**
 * A person types a slash command into a channel's composer; threads have none for it.
 * @throws Error when that person has no composer there, or the command does not begin with a slash
 */
export async function typeCommand(world: World, typed: Typed): Promise<Delivery> {
  refuseImpossible(typed);
  const own = ofSlack(world, typed);
  if (own !== undefined) return own;
  if (!isDeclared(world, typed.command)) return sayUnknown(world, typed);
  const { user, channel, command } = typed;
  const source: Source = { userId: user.id, channelId: channel.id };
  const payload = payloadOf(world, typed, source);
  const sent = await deliver(world, { envelope: "slash_commands", name: command, payload });
  const failed = showFailure(world, { answer: sent.answer, what: command, ...source });
  return delivery(sent, payload, failed ?? showAnswer(world, source, typed, sent.answer));
}

function isDeclared({ settings }: World, command: string): boolean {
  return (settings.surface.commands ?? []).some((one) => one.command === command);
}

/** What no app declares, none hears of: Slack itself answers, in these words. */
function sayUnknown({ messages }: World, { user, channel, command }: Typed): Delivery {
  const text =
    `\`${command}\` is not a valid command. In Slack, all messages that start with the “/” character are ` +
    "interpreted as commands.\nIf you are trying to send a message and not run a command, try preceding the “/” " +
    "with an empty space.";
  messages.showTo({ kind: "invalid_command", user: user.id, channel: channel.id, text, blocks: [] });
  return { ...undelivered(), shown: { text } };
}

/** Slack's own commands, as far as the workspace has them. @throws Error when they cannot be followed */
function ofSlack(world: World, { user, channel, command, text }: Typed): Promise<Delivery> | undefined {
  const { directory } = world;
  const [name = ""] = text.trim().split(/\s+/);
  switch (command) {
    case "/invite":
      if (name === "") throw new Error("say whom: /invite @name");
      return invite(world, user, channel, directory.user(name.replace(/^@/, "")));
    case "/join":
      if (name === "") throw new Error("say where to: /join #channel");
      return join(world, user, directory.channel(name.replace(/^#/, "")));
    default:
      return undefined;
  }
}

function refuseImpossible({ user, channel, command }: Typed): void {
  if (!/^\/\S+$/.test(command))
    throw new Error(`a command begins with a slash and has no spaces: ${command}`);
  if (!channel.members.has(user.id)) throw new Error(`${user.name} is not in ${channel.name}`);
  if (channel.archived) throw new Error(`${channel.name} is archived: nobody can type there`);
}

/** docs.slack.dev/interactivity/implementing-slash-commands; here `is_enterprise_install` is a string. */
function payloadOf(world: World, { user, channel, command, text }: Typed, source: Source): Json {
  const { settings, responseUrls, triggers, directory } = world;
  return {
    token: settings.app.verificationToken,
    team_id: settings.team.id,
    team_domain: settings.team.domain,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text: settings.slashEscape ? escapedCommand(directory, text) : text,
    api_app_id: settings.app.appId,
    is_enterprise_install: "false",
    response_url: responseUrls.issue("commands", source),
    trigger_id: triggers.issue(user.id),
  };
}

function showAnswer(world: World, source: Source, typed: Typed, { body }: Answer): Shown | undefined {
  if (body === undefined) return undefined;
  const fields = typeof body === "string" ? { text: body } : body;
  if (fields.response_type === "in_channel") showTyped(world, typed);
  const { text, blocks } = fields;
  const onlyShowsTheCommand = text === undefined && blocks === undefined && fields.attachments === undefined;
  if (onlyShowsTheCommand) return undefined;
  try {
    say(world, { source, fields, kind: "ack" });
    return { ...(typeof text === "string" ? { text } : {}), blocks: blocksOf(blocks) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return showRefused(world, { what: typed.command, ...source }, error.code);
  }
}

/** With `in_channel` the line that was typed becomes a message of its own. */
function showTyped({ messages }: World, { user, channel, command, text }: Typed): void {
  messages.post({ channel: channel.id, user: user.id, text: `${command} ${text}`.trim(), blocks: [] });
}
