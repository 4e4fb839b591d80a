import { choose, untouched } from "../choices.ts";
import type { User } from "../directory.ts";
import type { Placed } from "../elements.ts";
import { defined } from "../json.ts";
import { stateKey } from "../modals.ts";
import { stateIn } from "../state.ts";
import type { Choice, Delivery, EphemeralMessage, Json, SlackMessage, ViewValues } from "../types.ts";
import type { World } from "../world.ts";
import { deliver, delivery, showFailure } from "./deliver.ts";
import { actionTs, channelField, common } from "./payloads.ts";
import {
  blocksIn,
  containerField,
  elementIn,
  messageField,
  type Seen,
  seen,
  sourceOf,
  unfurlField,
} from "./targets.ts";
import { openView } from "./views.ts";

export interface Act extends Choice {
  readonly actionId: string;
}

/**
 * A person presses a button or chooses an option in a message; a confirm dialog is confirmed.
 * @throws Error when they cannot see the message, or it has no such element or option
 */
export async function press(
  world: World,
  user: User,
  shown: SlackMessage | EphemeralMessage,
  act: Act,
): Promise<Delivery> {
  const target = seen(world, user, shown);
  const placed = elementIn(blocksIn(target), act.actionId, act.blockId);
  const chosen = choose(placed.element, act);
  if (Object.values(chosen).includes(null)) throw new Error(`${act.actionId} needs a value to be chosen`);
  remember(world, { user, target, placed, chosen });
  const payload = {
    ...common(world, "block_actions", user),
    container: containerField(target, placed),
    ...unfurlField(target, placed),
    trigger_id: world.triggers.issue(user.id),
    channel: channelField(target.channel),
    message: messageField(world, target),
    state: { values: stateOf(world, user, target) },
    response_url: world.responseUrls.issue("actions", sourceOf(user, target)),
    actions: [actionField(world, placed, chosen)],
  };
  const sent = await deliver(world, { envelope: "interactive", name: "block_actions", payload });
  const failed = { answer: sent.answer, what: act.actionId, userId: user.id, channelId: target.channel.id };
  return delivery(sent, payload, showFailure(world, failed));
}

/** The same in a modal or Home tab: no channel, no response_url, but the view with its hash and state. */
export async function pressInView(world: World, user: User, viewId: string, act: Act): Promise<Delivery> {
  const opened = openView(world, user, viewId);
  const placed = elementIn(opened.view.blocks, act.actionId, act.blockId);
  const chosen = choose(placed.element, act);
  const isState = untouched(placed.element) !== undefined;
  if (isState) world.modals.enter(opened, stateKey(placed.block.block_id, act.actionId), chosen);
  if (!dispatches(placed))
    throw new Error(`${act.actionId} is in an input block: nothing is sent until submit`);
  const payload = {
    ...common(world, "block_actions", user),
    container: { type: "view", view_id: viewId },
    trigger_id: world.triggers.issue(user.id, viewId),
    view: structuredClone(opened.view),
    actions: [actionField(world, placed, chosen)],
  };
  const sent = await deliver(world, { envelope: "interactive", name: "block_actions", payload });
  return delivery(
    sent,
    payload,
    showFailure(world, { answer: sent.answer, what: act.actionId, userId: user.id }),
  );
}

/** Elements of input blocks keep to themselves until submit, unless the block says otherwise. */
function dispatches({ block }: Placed): boolean {
  return block.type !== "input" || block.dispatch_action === true;
}

function actionField(world: World, { element, block }: Placed, chosen: Json): Json {
  const { type, action_id, text, placeholder } = element;
  const ids = { type, action_id, block_id: block.block_id, action_ts: actionTs(world) };
  return structuredClone({ ...ids, ...defined({ text, placeholder }), ...chosen });
}

interface Chosen {
  readonly user: User;
  readonly target: Seen;
  readonly placed: Placed;
  readonly chosen: Json;
}

/** Each person's client keeps what they chose in a message. */
function remember({ choices }: World, { user, target, placed, chosen }: Chosen): void {
  if (untouched(placed.element) === undefined) return;
  choices.set(choiceKey(user, target, placed), chosen);
}

function choiceKey(user: User, { message, channel }: Seen, { element, block }: Placed): string {
  return [user.id, channel.id, message.ts, stateKey(block.block_id, element.action_id)].join(" ");
}

function stateOf({ choices }: World, user: User, target: Seen): ViewValues {
  return stateIn(blocksIn(target), (placed) => choices.get(choiceKey(user, target, placed)));
}
