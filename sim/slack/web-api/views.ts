import { checkedView } from "../content.ts";
import type { Opened } from "../modals.ts";
import { explained, Refusal } from "../refusal.ts";
import type { Trigger } from "../triggers.ts";
import type { Json } from "../types.ts";
import type { Call, Methods } from "./method.ts";

const FROM_TRIGGER = { trigger_id: "string", interactivity_pointer: "string", view: "json" } as const;

export const viewsMethods: Methods = {
  "views.open": { token: "bot", scopes: [], tier: 4, args: FROM_TRIGGER, required: ["view"], run: open },
  "views.push": { token: "bot", scopes: [], tier: 4, args: FROM_TRIGGER, required: ["view"], run: push },
  "views.update": {
    token: "bot",
    scopes: [],
    tier: 4,
    args: { view_id: "string", external_id: "string", hash: "string", view: "json" },
    required: ["view"],
    run: update,
  },
  "views.publish": {
    token: "bot",
    scopes: [],
    tier: 4,
    args: { user_id: "string", hash: "string", view: "json" },
    required: ["user_id", "view"],
    run: publish,
  },
};

function open(call: Call): Json {
  const trigger = checkedTrigger(call);
  const view = viewOf(call, "modal");
  trigger.used = true;
  return answer(call.world.modals.open(trigger.userId, view));
}

function push(call: Call): Json {
  const { modals } = call.world;
  const trigger = checkedTrigger(call);
  // Slack wants a trigger from inside of the modal that is open; its error for another one is not published.
  const inside = modals.stack(trigger.userId).some(({ view }) => view.id === trigger.viewId);
  if (!inside) throw new Refusal("invalid_trigger_id");
  const view = viewOf(call, "modal");
  const pushed = modals.push(trigger.userId, view);
  trigger.used = true;
  return answer(pushed);
}

function update(call: Call): Json {
  const { args, world } = call;
  if (args.has("view_id") === args.has("external_id"))
    throw explained("invalid_arguments", "must give one of view_id and external_id");
  const { modals } = world;
  const opened = modals.find(args.text("view_id")) ?? modals.findExternal(args.text("external_id"));
  if (opened === undefined) throw new Refusal("not_found");
  refuseStale(call, opened);
  return answer(modals.update(opened, viewOf(call, opened.view.type)));
}

function publish(call: Call): Json {
  const { args, world } = call;
  const user = world.directory.userById(args.must("user_id"));
  if (user === undefined || user.isBot)
    throw explained("invalid_arguments", "no such user [json-pointer:/user_id]");
  const before = world.modals.home(user.id);
  if (before !== undefined) refuseStale(call, before);
  return answer(world.modals.publish(user.id, viewOf(call, "home")));
}

/** The trigger, not yet spent: a view that is refused leaves it usable (Slack's documents leave that open). */
function checkedTrigger({ args, world }: Call): Trigger {
  const id = args.text("trigger_id") ?? args.text("interactivity_pointer");
  if (id === undefined) throw explained("invalid_arguments", "missing required field: trigger_id");
  return world.triggers.check(id);
}

function viewOf({ args }: Call, type: "modal" | "home"): Json {
  return checkedView(args.value("view"), type);
}

function refuseStale({ args }: Call, { view }: Opened): void {
  const hash = args.text("hash");
  if (hash !== undefined && hash !== view.hash) throw new Refusal("hash_conflict");
}

function answer({ view }: Opened): Json {
  return { view: structuredClone(view) };
}
