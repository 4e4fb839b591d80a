import type { Channel } from "../directory.ts";
import { type SlackFile, typeOf } from "../files.ts";
import { isObject } from "../json.ts";
import { byBot, threadOf } from "../posting.ts";
import { explained, Refusal } from "../refusal.ts";
import type { Json } from "../types.ts";
import { later, type World } from "../world.ts";
import { writableChannel } from "./access.ts";
import type { Call, Methods } from "./method.ts";

/** Slack shares a file some time after it said that it would (it looks into it first), in ms. */
const SHARED_AFTER_MS = 100;

export const filesMethods: Methods = {
  "files.getUploadURLExternal": {
    token: "bot",
    scopes: ["files:write"],
    tier: 4,
    read: true,
    args: { filename: "string", length: "number", alt_txt: "string", snippet_type: "string" },
    required: ["filename", "length"],
    run: getUploadUrl,
  },
  "files.completeUploadExternal": {
    token: "bot",
    scopes: ["files:write"],
    tier: 4,
    args: {
      files: "json",
      channel_id: "string",
      channels: "string",
      thread_ts: "string",
      initial_comment: "string",
      blocks: "json",
    },
    required: ["files"],
    run: complete,
  },
};

function getUploadUrl({ world, args }: Call): Json {
  const length = args.number("length") ?? 0;
  if (!Number.isInteger(length) || length < 1)
    throw explained("invalid_arguments", "length must be positive");
  const file = world.files.announce(args.must("filename"), length);
  return { upload_url: `${world.url}/upload/v1/${file.secret}`, file_id: file.id };
}

/**
 * Without a channel a file stays private; more than one channel is not built. That a file which was shared before is shared
 * once more is our guess, and the worst case for an app that asks twice.
 */
function complete({ world, args, notes }: Call): Json {
  const files = filesOf(world, args.value("files"));
  const channelId = args.text("channel_id");
  if (channelId !== undefined) {
    const channel = writableChannel(world, channelId);
    notes.channel = channel.id;
    const threadTs = threadOf(world, channel, args.text("thread_ts"));
    const said = { text: args.text("initial_comment") ?? "", threadTs };
    later(world, SHARED_AFTER_MS, () => share(world, { channel, files, ...said }));
  }
  return { files: files.map(({ id, title }) => ({ id, title })) };
}

function filesOf(world: World, value: unknown): SlackFile[] {
  if (!Array.isArray(value) || value.length === 0)
    throw explained("invalid_arguments", "files must be a list");
  return value.map((item: unknown) => {
    const file = isObject(item) ? world.files.find(String(item.id)) : undefined;
    if (file?.bytes === undefined) throw new Refusal("file_not_found");
    if (isObject(item) && typeof item.title === "string") file.title = item.title;
    return file;
  });
}

interface Share {
  channel: Channel;
  threadTs: string | undefined;
  text: string;
  files: readonly SlackFile[];
}

function share(world: World, { channel, threadTs, text, files }: Share): void {
  world.messages.post({
    ...byBot(world),
    channel: channel.id,
    text,
    blocks: [],
    files: files.map((file) => fileView(world, file)),
    ...(threadTs === undefined ? {} : { threadTs }),
  });
}

const fileView = (world: World, file: SlackFile): Json => ({
  id: file.id,
  name: file.name,
  title: file.title,
  mimetype: typeOf(file),
  size: file.size,
  url_private: `${world.url}/files-pri/${file.id}/${encodeURIComponent(file.name)}`,
});
