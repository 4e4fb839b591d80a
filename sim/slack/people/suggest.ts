import type { User } from "../directory.ts";
import { isObject, objectsOf } from "../json.ts";
import type { Delivery, EphemeralMessage, Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import { deliver, delivery, showFailure } from "./deliver.ts";
import { channelField, common } from "./payloads.ts";
import { containerField, elementIn, messageField, seen } from "./targets.ts";
import { openView } from "./views.ts";

/** Slack asks only from so many characters on, unless the element says otherwise. */
const MIN_QUERY = 3;

/** Where an external select is: in a message, or in the view with this id. */
export type Place = SlackMessage | EphemeralMessage | string;

interface Typing {
  readonly user: User;
  readonly place: Place;
  readonly actionId: string;
  readonly typed: string;
}

/** A person types into an external select. @throws Error when it is not there, or too little was typed */
export async function suggest(world: World, { user, place, actionId, typed }: Typing): Promise<Offered> {
  const { blocks, fields } = placeOf(world, user, place);
  const { element, block } = elementIn(blocks, actionId, undefined);
  const least = typeof element.min_query_length === "number" ? element.min_query_length : MIN_QUERY;
  if (typed.length < least) throw new Error(`${actionId} asks from ${least} characters on`);
  const ids = { action_id: actionId, block_id: block.block_id, value: typed };
  const payload = { ...common(world, "block_suggestion", user), ...ids, ...fields };
  const sent = await deliver(world, { envelope: "interactive", name: "block_suggestion", payload });
  const shown = showFailure(world, { answer: sent.answer, what: actionId, userId: user.id });
  return { ...delivery(sent, payload, shown), options: optionsIn(sent.answer.body) };
}

export type Offered = Delivery & { options: Json[] };

function placeOf(world: World, user: User, place: Place): { blocks: Json[]; fields: Json } {
  if (typeof place === "string") {
    const { view } = openView(world, user, place);
    const fields = { container: { type: "view", view_id: place }, view: structuredClone(view) };
    return { blocks: view.blocks, fields };
  }
  const target = seen(world, user, place);
  const where = { container: containerField(target), channel: channelField(target.channel) };
  return { blocks: target.message.blocks, fields: { ...where, message: messageField(world, target) } };
}

function optionsIn(body: unknown): Json[] {
  if (!isObject(body)) return [];
  return [
    ...objectsOf(body.options),
    ...objectsOf(body.option_groups).flatMap(({ options }) => objectsOf(options)),
  ];
}
