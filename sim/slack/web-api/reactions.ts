import { Refusal } from "../refusal.ts";
import type { Json, SlackMessage } from "../types.ts";
import { ownChannel } from "./access.ts";
import type { Call, Methods } from "./method.ts";

const ARGS = { channel: "string", name: "string", timestamp: "string" } as const;

export const reactionsMethods: Methods = {
  "reactions.add": {
    token: "bot",
    scopes: ["reactions:write"],
    tier: 3,
    args: ARGS,
    required: ["channel", "name", "timestamp"],
    run: add,
  },
  "reactions.remove": {
    token: "bot",
    scopes: ["reactions:write"],
    tier: 2,
    args: ARGS,
    required: ["channel", "name", "timestamp"],
    run: remove,
  },
};

function add(call: Call): Json {
  const message = reacted(call);
  const { name, bot } = about(call);
  const found = message.reactions.find((reaction) => reaction.name === name);
  if (found?.users.includes(bot)) throw new Refusal("already_reacted");
  if (found === undefined) message.reactions.push({ name, users: [bot] });
  else found.users.push(bot);
  return {};
}

function remove(call: Call): Json {
  const message = reacted(call);
  const { name, bot } = about(call);
  const found = message.reactions.find((reaction) => reaction.name === name);
  if (!found?.users.includes(bot)) throw new Refusal("no_reaction");
  found.users = found.users.filter((user) => user !== bot);
  message.reactions = message.reactions.filter(({ users }) => users.length > 0);
  return {};
}

function reacted({ world, args, notes }: Call): SlackMessage {
  const channel = ownChannel(world, args.must("channel"));
  const message = world.messages.find(channel.id, args.must("timestamp"));
  if (message === undefined) throw new Refusal("message_not_found");
  notes.channel = channel.id;
  notes.ts = message.ts;
  return message;
}

function about({ world, args }: Call): { name: string; bot: string } {
  const name = args.must("name");
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new Refusal("invalid_name");
  return { name, bot: world.settings.app.botUserId };
}
