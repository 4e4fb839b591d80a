import type { User } from "../directory.ts";
import type { Delivery, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { deliver, delivery, showFailure } from "./deliver.ts";
import { actionTs, channelField, common } from "./payloads.ts";
import { messageField, seen, sourceOf } from "./targets.ts";

/** From the composer or the search: no channel and no response_url. @throws Error when the app declares none such */
export async function globalShortcut(world: World, user: User, callbackId: string): Promise<Delivery> {
  refuseUndeclared(world, "global", callbackId);
  const payload = {
    ...common(world, "shortcut", user),
    callback_id: callbackId,
    trigger_id: world.triggers.issue(user.id),
    action_ts: actionTs(world),
  };
  const sent = await deliver(world, { envelope: "interactive", name: "shortcut", payload });
  return delivery(
    sent,
    payload,
    showFailure(world, { answer: sent.answer, what: callbackId, userId: user.id }),
  );
}

/** @throws Error: no menu shows what no manifest declares */
function refuseUndeclared({ settings }: World, type: "global" | "message", callbackId: string): void {
  const { shortcuts = [] } = settings.surface;
  if (shortcuts.some((one) => one.type === type && one.callback_id === callbackId)) return;
  throw new Error(`the app declares no ${type} shortcut ${callbackId}`);
}

/** From a message's menu. @throws Error when the app declares none such, or this person cannot see the message */
export async function messageShortcut(
  world: World,
  user: User,
  shown: SlackMessage,
  callbackId: string,
): Promise<Delivery> {
  refuseUndeclared(world, "message", callbackId);
  const target = seen(world, user, shown);
  // The message may be anybody's, so its response_url answers beside it and replaces nothing.
  const { message: _, ...source } = sourceOf(user, target);
  const payload = {
    ...common(world, "message_action", user),
    callback_id: callbackId,
    trigger_id: world.triggers.issue(user.id),
    response_url: world.responseUrls.issue("app-actions", source),
    channel: channelField(target.channel),
    message_ts: target.message.ts,
    message: messageField(world, target),
    action_ts: actionTs(world),
  };
  const sent = await deliver(world, { envelope: "interactive", name: "message_action", payload });
  const failed = { answer: sent.answer, what: callbackId, ...source };
  return delivery(sent, payload, showFailure(world, failed));
}
