import type { Channel } from "../directory.ts";
import { presentMessage } from "../present.ts";
import { explained, Refusal } from "../refusal.ts";
import type { Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { knownChannel, ownChannel, requireChannelScope, requireScope } from "./access.ts";
import type { Args } from "./args.ts";
import type { Call, Methods } from "./method.ts";
import { page } from "./paging.ts";

const HISTORY = ["channels:history", "groups:history", "im:history", "mpim:history"];
const READ = ["channels:read", "groups:read", "im:read", "mpim:read"];
const WINDOW = {
  channel: "string",
  cursor: "string",
  limit: "number",
  oldest: "string",
  latest: "string",
  inclusive: "boolean",
  include_all_metadata: "boolean",
} as const;

export const conversationsMethods: Methods = {
  "conversations.info": {
    token: "bot",
    scopes: READ,
    tier: 3,
    read: true,
    args: { channel: "string", include_locale: "boolean", include_num_members: "boolean" },
    required: ["channel"],
    run: info,
  },
  "conversations.history": {
    token: "bot",
    scopes: HISTORY,
    tier: 3,
    read: true,
    args: WINDOW,
    required: ["channel"],
    run: history,
  },
  "conversations.replies": {
    token: "bot",
    scopes: HISTORY,
    tier: 3,
    read: true,
    args: { ...WINDOW, ts: "string" },
    required: ["channel", "ts"],
    run: replies,
  },
  "conversations.members": {
    token: "bot",
    scopes: READ,
    tier: 4,
    read: true,
    args: { channel: "string", cursor: "string", limit: "number" },
    required: ["channel"],
    run: members,
  },
  "conversations.open": {
    token: "bot",
    scopes: ["im:write", "mpim:write"],
    tier: 3,
    args: { users: "string", channel: "string", return_im: "boolean", prevent_creation: "boolean" },
    run: open,
  },
};

function info({ world, args, notes }: Call): Json {
  const channel = knownChannel(world, args.must("channel"));
  requireChannelScope(world, channel, "read");
  notes.channel = channel.id;
  const count = args.flag("include_num_members") ? { num_members: channel.members.size } : {};
  return { channel: { ...presentChannel(world, channel), ...count } };
}

function presentChannel({ directory, settings }: World, channel: Channel): Json {
  const { id, name, kind, archived } = channel;
  const base = { id, is_im: kind === "im", is_archived: archived, context_team_id: settings.team.id };
  if (kind === "im")
    return { ...base, user: [...channel.members].find((member) => member !== directory.bot.id) };
  return {
    ...base,
    name,
    name_normalized: name,
    is_channel: true,
    is_group: false,
    is_mpim: false,
    is_private: kind === "private",
    is_member: directory.isBotIn(channel),
    is_general: false,
  };
}

function history({ world, args, notes }: Call): Json {
  const channel = ownChannel(world, args.must("channel"));
  requireChannelScope(world, channel, "history");
  notes.channel = channel.id;
  const found = world.messages.inChannel(channel.id).filter(inWindow(args)).reverse();
  return pageOfMessages(world, args, found, 100);
}

function replies({ world, args, notes }: Call): Json {
  const channel = ownChannel(world, args.must("channel"));
  requireChannelScope(world, channel, "history");
  notes.channel = channel.id;
  const asked = world.messages.find(channel.id, args.must("ts"));
  if (asked === undefined) throw new Refusal("thread_not_found");
  const parent = world.messages.find(channel.id, asked.thread_ts ?? asked.ts) ?? asked;
  // The window is for the replies; their parent comes first whatever its age.
  const found = world.messages.replies(channel.id, parent.ts).filter(inWindow(args));
  return pageOfMessages(world, args, [parent, ...found], 1000);
}

function pageOfMessages(world: World, args: Args, found: readonly SlackMessage[], usual: number): Json {
  const wanted = { limit: args.number("limit") ?? usual, cursor: args.text("cursor"), key: tsOf };
  const { items, hasMore, metadata } = page(found, wanted);
  const all = args.flag("include_all_metadata");
  const messages = items.map((message) => presentMessage(world.messages, message, all));
  return { messages, has_more: hasMore, response_metadata: metadata };
}

const tsOf = ({ ts }: SlackMessage) => ts;

/** Whether a message is between `oldest` and `latest`; those at the very ends only with `inclusive`. */
function inWindow(args: Args): (message: SlackMessage) => boolean {
  const oldest = bound(args.text("oldest"), "invalid_ts_oldest") ?? 0n;
  const latest = bound(args.text("latest"), "invalid_ts_latest");
  const inclusive = args.flag("inclusive");
  return ({ ts }) => {
    const at = micros(ts);
    if (inclusive) return at >= oldest && (latest === undefined || at <= latest);
    return at > oldest && (latest === undefined || at < latest);
  };
}

function bound(ts: string | undefined, error: string): bigint | undefined {
  if (ts === undefined || ts === "" || ts === "now") return undefined;
  if (!/^\d+(\.\d{1,6})?$/.test(ts)) throw new Refusal(error);
  return micros(ts);
}

/** Exact: a ts has more digits than a number holds. */
function micros(ts: string): bigint {
  const [seconds = "0", fraction = ""] = ts.split(".");
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

function members({ world, args, notes }: Call): Json {
  const channel = knownChannel(world, args.must("channel"));
  requireChannelScope(world, channel, "read");
  notes.channel = channel.id;
  const wanted = { limit: args.number("limit") ?? 100, cursor: args.text("cursor"), key: (id: string) => id };
  const { items, metadata } = page([...channel.members], wanted);
  return { members: items, response_metadata: metadata };
}

function open({ world, args, notes }: Call): Json {
  const given = args.text("channel");
  if (given !== undefined) return opened(knownChannel(world, given), true, args);
  const users = (args.text("users") ?? "").split(",").filter((id) => id !== "");
  if (users.length === 0) throw new Refusal("users_list_not_supplied");
  // Conversations of several people are left out of this simulator: without the scope Slack refuses them too.
  if (users.length > 1)
    throw new Refusal("missing_scope", { needed: "mpim:write", provided: world.settings.scopes.join() });
  requireScope(world, "im:write");
  const user = world.directory.userById(users[0]);
  if (user === undefined) throw new Refusal("user_not_found");
  if (user.isBot) throw explained("cannot_dm_bot", "a bot cannot talk to itself");
  const before = world.directory.findIm(user.id);
  if (before === undefined && args.flag("prevent_creation")) throw new Refusal("channel_not_found");
  const channel = world.directory.openIm(user.id);
  notes.channel = channel.id;
  return opened(channel, before !== undefined, args);
}

function opened(channel: Channel, before: boolean, args: Args): Json {
  const whole = args.flag("return_im") ? { is_im: true, is_open: true } : {};
  return { ...(before ? { no_op: true, already_open: true } : {}), channel: { id: channel.id, ...whole } };
}
