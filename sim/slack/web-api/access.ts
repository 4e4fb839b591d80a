import type { Channel } from "../directory.ts";
import { Refusal } from "../refusal.ts";
import type { World } from "../world.ts";

const SCOPE_PREFIX = { public: "channels", private: "groups", im: "im" } as const;

/** @throws Refusal `missing_scope` unless the bot has one of them */
export function requireScope({ settings }: World, ...scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => settings.scopes.includes(scope))) return;
  throw new Refusal("missing_scope", { needed: scopes.join(","), provided: settings.scopes.join(",") });
}

/** The `channels:`, `groups:` or `im:` scope that this conversation asks for. @throws Refusal */
export function requireChannelScope(world: World, channel: Channel, right: "history" | "read"): void {
  requireScope(world, `${SCOPE_PREFIX[channel.kind]}:${right}`);
}

/** A conversation that the bot may know of: private ones that it is not in do not exist for it. @throws Refusal */
export function knownChannel({ directory }: World, id: string): Channel {
  const channel = directory.channelById(id);
  if (channel === undefined || !directory.canSee(directory.bot.id, channel))
    throw new Refusal("channel_not_found");
  return channel;
}

/** A conversation that the bot is in. @throws Refusal */
export function ownChannel(world: World, id: string): Channel {
  const channel = knownChannel(world, id);
  if (!world.directory.isBotIn(channel)) throw new Refusal("not_in_channel");
  return channel;
}

/** A conversation that the bot may write into. @throws Refusal */
export function writableChannel(world: World, id: string): Channel {
  const channel = knownChannel(world, id);
  const publicWrite = channel.kind === "public" && world.settings.scopes.includes("chat:write.public");
  if (!publicWrite && !world.directory.isBotIn(channel)) throw new Refusal("not_in_channel");
  if (channel.archived) throw new Refusal("is_archived");
  return channel;
}
