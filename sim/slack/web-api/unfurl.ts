import { validateMessage } from "../blocks/validate.ts";
import { objectOf } from "../json.ts";
import { explained, messageRefusal, Refusal } from "../refusal.ts";
import type { Json, Shared } from "../types.ts";
import { canUnfurl, unfurled } from "../unfurls.ts";
import type { World } from "../world.ts";
import { knownChannel } from "./access.ts";
import type { Args } from "./args.ts";
import type { Call } from "./method.ts";

/** `chat.unfurl`, by `channel` and `ts` of a message, or by `unfurl_id` and `source`: then also in the composer. */
export function unfurl({ world, args, notes }: Call): Json {
  const shared = sharedBy(world, args);
  const unfurls = Object.entries(objectOf(args.value("unfurls")));
  if (unfurls.length === 0 && !args.has("metadata")) throw new Refusal("missing_unfurls");
  for (const [, preview] of unfurls) refuseBad(objectOf(preview));
  const text = shared.source === "composer" ? shared.draft.text : shared.message.text;
  if (unfurls.some(([url]) => !canUnfurl(world, text, url))) throw new Refusal("cannot_unfurl_url");
  if (shared.source === "composer") {
    const { previews } = shared.draft;
    previews.splice(0, previews.length, ...unfurled(world, previews, unfurls));
    return {};
  }
  const { message } = shared;
  notes.channel = message.channel;
  notes.ts = message.ts;
  message.attachments = unfurled(world, message.attachments ?? [], unfurls);
  return {};
}

function sharedBy(world: World, args: Args): Shared {
  if (args.has("channel") && args.has("ts")) return messageAt(world, args.must("channel"), args.must("ts"));
  if (!args.has("unfurl_id") || !args.has("source"))
    throw explained("invalid_arguments", "must give channel and ts, or unfurl_id and source");
  const shared = world.shared.get(args.must("unfurl_id"));
  if (shared === undefined) throw new Refusal("invalid_unfurl_id");
  if (shared.source !== args.text("source")) throw new Refusal("invalid_source");
  return shared;
}

function messageAt(world: World, channelId: string, ts: string): Shared {
  const channel = knownChannel(world, channelId);
  const message = world.messages.find(channel.id, ts);
  if (message === undefined) throw new Refusal("cannot_find_message");
  return { source: "conversations_history", message };
}

/** A preview has blocks, or the fields of an attachment of the old kind. */
function refuseBad({ blocks }: Json): void {
  if (blocks === undefined) return;
  const refusal = messageRefusal(validateMessage({ text: "(a preview)", blocks }));
  if (refusal !== undefined) throw refusal;
}
