import { choiceOf, choose, complaint, isEmpty } from "../choices.ts";
import { checkedView } from "../content.ts";
import type { Answer } from "../deliveries/outgoing.ts";
import type { User } from "../directory.ts";
import { elementsOf, type Placed } from "../elements.ts";
import { isObject, stringOf } from "../json.ts";
import { type Opened, stateKey } from "../modals.ts";
import { Refusal } from "../refusal.ts";
import type { Delivery, Json, Shown, View } from "../types.ts";
import type { World } from "../world.ts";
import { deliver, delivery, showFailure, showRefused, undelivered } from "./deliver.ts";
import { common } from "./payloads.ts";

/** A modal or Home tab of this person. @throws Error when it is not open, or somebody else's */
export function openView({ modals }: World, user: User, viewId: string): Opened {
  const opened = modals.find(viewId);
  if (opened?.userId === user.id) return opened;
  const ids =
    modals
      .stack(user.id)
      .map(({ view }) => view.id)
      .join(", ") || "none";
  throw new Error(`${user.name} has no view ${viewId} open; open are: ${ids}`);
}

/** The modal that a person has before them. @throws Error when another one lies above it */
function topModal(world: World, user: User, viewId: string): Opened {
  const opened = openView(world, user, viewId);
  if (world.modals.stack(user.id).at(-1) === opened) return opened;
  throw new Error(`the view ${viewId} is not the one on top`);
}

/**
 * A person fills in a modal and submits it. `values` are by action_id or block_id.
 * @throws Error for what Slack's own client would not let them submit
 */
export async function submit(world: World, user: User, viewId: string, values: Json): Promise<Delivery> {
  const opened = topModal(world, user, viewId);
  fillIn(world, opened, values);
  refuseIncomplete(opened);
  delete opened.view.errors;
  const payload = {
    ...common(world, "view_submission", user),
    trigger_id: world.triggers.issue(user.id, viewId),
    view: structuredClone(opened.view),
    ...responseUrls(world, user, opened.view),
  };
  const sent = await deliver(world, { envelope: "interactive", name: "view_submission", payload });
  const failed = showFailure(world, { answer: sent.answer, what: "the modal", userId: user.id });
  return delivery(sent, payload, failed ?? obey(world, opened, sent.answer));
}

function fillIn({ modals }: World, opened: Opened, values: Json): void {
  const all = elementsOf(opened.view.blocks);
  for (const [name, value] of Object.entries(values)) {
    const placed = all.find(({ element, block }) => element.action_id === name || block.block_id === name);
    if (placed === undefined) throw new Error(`the view has no input ${name}`);
    const key = stateKey(placed.block.block_id, placed.element.action_id);
    modals.enter(opened, key, choose(placed.element, choiceOf(value)));
  }
}

function refuseIncomplete({ view }: Opened): void {
  if (view.submit === undefined && !elementsOf(view.blocks).some(isInput))
    throw new Error("the view has no submit button");
  for (const placed of elementsOf(view.blocks).filter(isInput)) {
    const { element, block } = placed;
    const state = view.state.values[String(block.block_id)]?.[String(element.action_id)];
    const missing = isEmpty(state) && block.optional !== true ? "is required" : undefined;
    const problem = missing ?? complaint(element, state ?? {});
    if (problem !== undefined)
      throw new Error(`Slack does not submit this: ${String(element.action_id)} ${problem}`);
  }
}

function isInput({ block }: Placed): boolean {
  return block.type === "input";
}

/** One for each input that asks for it, in the conversation chosen there; the field is absent when none does. */
function responseUrls(world: World, user: User, view: View): Json {
  const asking = elementsOf(view.blocks).filter(({ element }) => element.response_url_enabled === true);
  if (asking.length === 0) return {};
  const urls = asking.flatMap(({ element: { action_id: actionId }, block: { block_id: blockId } }) => {
    const state = view.state.values[String(blockId)]?.[String(actionId)];
    const channelId = stringOf(state?.selected_conversation ?? state?.selected_channel);
    if (channelId === undefined) return [];
    const url = world.responseUrls.issue("app", { userId: user.id, channelId });
    return [{ block_id: blockId, action_id: actionId, channel_id: channelId, response_url: url }];
  });
  return { response_urls: urls };
}

/** Does with the modal what the acknowledgement says (docs.slack.dev/surfaces/modals). */
function obey(world: World, opened: Opened, { body }: Answer): Shown | undefined {
  try {
    return respond(world, opened, isObject(body) ? body : {});
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return showRefused(world, { what: "the modal", userId: opened.userId }, error.code);
  }
}

function respond(
  { modals }: World,
  opened: Opened,
  { response_action: action, view, errors }: Json,
): Shown | undefined {
  switch (action) {
    case undefined:
      modals.close(opened);
      return undefined;
    case "clear":
      modals.clear(opened.userId);
      return undefined;
    case "update":
      return { view: structuredClone(modals.update(opened, checkedView(view, "modal")).view) };
    case "push":
      return { view: structuredClone(modals.push(opened.userId, checkedView(view, "modal")).view) };
    case "errors":
      return showErrors(opened, errors);
    default:
      throw new Refusal("invalid_response_action");
  }
}

/** Errors belong to input blocks; Slack shows none of them when one belongs elsewhere. */
function showErrors(opened: Opened, errors: unknown): Shown {
  const inputs = opened.view.blocks.filter(({ type }) => type === "input").map((block) => block.block_id);
  const texts = Object.entries(isObject(errors) ? errors : {});
  const wrong = texts.some(([blockId, text]) => !inputs.includes(blockId) || typeof text !== "string");
  if (wrong || texts.length === 0) throw new Refusal("invalid_errors");
  const shown = Object.fromEntries(texts.map(([blockId, text]) => [blockId, String(text)]));
  opened.view.errors = shown;
  return { errors: shown };
}

/** Cancel closes the top modal; `all` is the ✕, which closes the whole stack. */
export async function closeView(world: World, user: User, viewId: string, all: boolean): Promise<Delivery> {
  const opened = topModal(world, user, viewId);
  const root = world.modals.stack(user.id)[0] ?? opened;
  const told = all ? root : opened;
  if (all) world.modals.clear(user.id);
  else world.modals.close(opened);
  const payload = {
    ...common(world, "view_closed", user),
    view: withoutInputs(told.view),
    is_cleared: all,
  };
  if (!told.view.notify_on_close) return undelivered(payload);
  const sent = await deliver(world, { envelope: "interactive", name: "view_closed", payload });
  return delivery(sent, payload);
}

/** What was entered and not submitted is nobody's business: the state of input blocks is left out. */
function withoutInputs(view: View): View {
  const inputs = new Set(view.blocks.filter(({ type }) => type === "input").map((block) => block.block_id));
  const values = Object.entries(view.state.values).filter(([blockId]) => !inputs.has(blockId));
  return { ...structuredClone(view), state: { values: Object.fromEntries(values) } };
}
