import { attachmentsOf, blocksOf, checkEdit, metadataOf, newContent, type Said, saidIn } from "../content.ts";
import type { Channel } from "../directory.ts";
import { defined } from "../json.ts";
import { type Content, snapshot } from "../messages.ts";
import { byBot, threadOf } from "../posting.ts";
import { presentMessage } from "../present.ts";
import { Refusal } from "../refusal.ts";
import type { Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { knownChannel, requireScope, writableChannel } from "./access.ts";
import type { Call, Methods } from "./method.ts";
import { unfurl } from "./unfurl.ts";

const CONTENT = { text: "string", blocks: "json", attachments: "json", markdown_text: "string" } as const;
const STYLE = { parse: "string", link_names: "boolean", as_user: "boolean" } as const;
const LOOKS = { username: "string", icon_emoji: "string", icon_url: "string" } as const;

export const chatMethods: Methods = {
  "chat.postMessage": {
    token: "bot",
    scopes: ["chat:write"],
    tier: "post",
    args: {
      ...CONTENT,
      ...STYLE,
      ...LOOKS,
      channel: "string",
      metadata: "json",
      thread_ts: "string",
      reply_broadcast: "boolean",
      unfurl_links: "boolean",
      unfurl_media: "boolean",
      mrkdwn: "boolean",
    },
    required: ["channel"],
    run: postMessage,
  },
  "chat.postEphemeral": {
    token: "bot",
    scopes: ["chat:write"],
    tier: 4,
    args: { ...CONTENT, ...STYLE, ...LOOKS, channel: "string", user: "string", thread_ts: "string" },
    required: ["channel", "user"],
    run: postEphemeral,
  },
  "chat.update": {
    token: "bot",
    scopes: ["chat:write"],
    tier: 3,
    args: {
      ...CONTENT,
      ...STYLE,
      channel: "string",
      ts: "string",
      metadata: "json",
      reply_broadcast: "boolean",
      file_ids: "json",
    },
    required: ["channel", "ts"],
    run: update,
  },
  "chat.delete": {
    token: "bot",
    scopes: ["chat:write"],
    tier: 3,
    args: { channel: "string", ts: "string", as_user: "boolean" },
    required: ["channel", "ts"],
    run: remove,
  },
  "chat.getPermalink": {
    token: "bot",
    scopes: [],
    tier: "special",
    read: true,
    args: { channel: "string", message_ts: "string" },
    required: ["channel", "message_ts"],
    run: getPermalink,
  },
  "chat.unfurl": {
    token: "bot",
    scopes: ["links:write"],
    tier: 3,
    args: {
      channel: "string",
      ts: "string",
      unfurls: "json",
      unfurl_id: "string",
      source: "string",
      metadata: "json",
      user_auth_required: "boolean",
      user_auth_url: "string",
      user_auth_message: "string",
      user_auth_blocks: "json",
    },
    run: unfurl,
  },
};

function postMessage(call: Call): Json {
  const { world, args, notes } = call;
  const channel = target(world, args.must("channel"));
  notes.channel = channel.id;
  if (Object.keys(LOOKS).some((look) => args.has(look))) requireScope(world, "chat:write.customize");
  const content = newContent(saidIn(args.all()));
  const threadTs = threadOf(world, channel, args.text("thread_ts"));
  const broadcast = threadTs !== undefined && args.flag("reply_broadcast");
  const message = world.messages.post({
    ...content,
    ...byBot(world),
    channel: channel.id,
    ...defined({ threadTs, subtype: broadcast ? "thread_broadcast" : undefined }),
  });
  notes.ts = message.ts;
  return {
    channel: channel.id,
    ts: message.ts,
    message: presented(world, message),
    ...warnings(args.text("text")),
  };
}

/** A user id stands for the direct conversation with that person, which is opened by this. */
function target(world: World, id: string): Channel {
  const user = world.directory.userById(id);
  const isPerson = user !== undefined && !user.isBot;
  return writableChannel(world, isPerson ? world.directory.openIm(user.id).id : id);
}

function warnings(text: string | undefined): Json {
  const isCut = text !== undefined && text.length > 40_000;
  return isCut
    ? { warning: "message_truncated", response_metadata: { warnings: ["message_truncated"] } }
    : {};
}

function presented({ messages }: World, message: SlackMessage): Json {
  return presentMessage(messages, message, true);
}

function postEphemeral({ world, args, notes }: Call): Json {
  const channel = writableChannel(world, args.must("channel"));
  notes.channel = channel.id;
  const user = args.must("user");
  if (!channel.members.has(user)) throw new Refusal("user_not_in_channel");
  const content = newContent(saidIn(args.all()));
  const threadTs = threadOf(world, channel, args.text("thread_ts"));
  const draft = {
    ...content,
    ...defined({ threadTs }),
    kind: "postEphemeral" as const,
    user,
    channel: channel.id,
  };
  const { ts } = world.messages.showTo(draft);
  notes.ts = ts;
  return { message_ts: ts };
}

function update({ world, args, notes }: Call): Json {
  const message = ownMessage(world, args.must("channel"), args.must("ts"), "cant_update_message");
  notes.channel = message.channel;
  notes.ts = message.ts;
  notes.messageBefore = snapshot(message);
  const said = saidIn(args.all());
  const content = edited(message, said);
  world.messages.edit(message, content);
  // Slack marks an edit as such only when it is one of text.
  const { botUserId } = world.settings.app;
  if (said.blocks === undefined && said.text !== undefined)
    message.edited = { user: botUserId, ts: world.ids.ts() };
  const { channel, ts, text } = message;
  return { channel, ts, text, message: presented(world, message) };
}

/**
 * What a message says after an edit (docs.slack.dev/reference/methods/chat.update): blocks that are left out stay
 * only when text is left out too; metadata and attachments that are left out stay; `{}` and `[]` clear.
 * Left open there, and decided here: text that is left out beside blocks stays.
 */
function edited(before: SlackMessage, said: Said): Content {
  const { text, markdown, metadata, attachments } = said;
  if (markdown !== undefined) return newContent(said);
  const isNothing = [text, said.blocks, attachments, metadata].every((part) => part === undefined);
  if (isNothing) throw new Refusal("no_text");
  checkEdit(said);
  const kept = text === undefined ? before.blocks : [];
  const content = {
    text: text ?? before.text,
    blocks: said.blocks === undefined ? kept : blocksOf(said.blocks),
  };
  const hung = attachments === undefined ? before.attachments : attachmentsOf(attachments);
  if (content.text === "" && content.blocks.length === 0 && hung === undefined) throw new Refusal("no_text");
  const keptMetadata = defined({ metadata: before.metadata });
  return {
    ...content,
    ...defined({ attachments: hung }),
    ...(metadata === undefined ? keptMetadata : metadataOf(metadata)),
  };
}

function remove({ world, args, notes }: Call): Json {
  const message = ownMessage(world, args.must("channel"), args.must("ts"), "cant_delete_message");
  notes.channel = message.channel;
  notes.ts = message.ts;
  notes.messageBefore = snapshot(message);
  world.messages.remove(message);
  return { channel: message.channel, ts: message.ts };
}

/** A message of the bot itself. Ephemeral ones are not found: nobody can edit them this way. @throws Refusal */
function ownMessage(world: World, channelId: string, ts: string, foreign: string): SlackMessage {
  const channel = knownChannel(world, channelId);
  if (channel.archived) throw new Refusal("is_archived");
  const message = world.messages.find(channel.id, ts);
  if (message === undefined || message.subtype === "tombstone") throw new Refusal("message_not_found");
  if (message.bot_id !== world.settings.app.botId) throw new Refusal(foreign);
  return message;
}

function getPermalink({ world, args }: Call): Json {
  const channel = knownChannel(world, args.must("channel"));
  const message = world.messages.find(channel.id, args.must("message_ts"));
  if (message === undefined) throw new Refusal("message_not_found");
  return { channel: channel.id, permalink: permalinkOf(world, message) };
}

function permalinkOf({ settings }: World, { channel, ts, thread_ts: threadTs }: SlackMessage): string {
  const base = `https://${settings.team.domain}.slack.com/archives/${channel}/p${ts.replace(".", "")}`;
  return threadTs === undefined ? base : `${base}?thread_ts=${threadTs}&cid=${channel}`;
}
