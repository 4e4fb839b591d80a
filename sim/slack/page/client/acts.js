import { drawConfirm } from "../render/views.ts";
import { HOME } from "../render/workspace.ts";
import { drawNow } from "./draw.js";
import { byId, directPlace, me, move, page, viewer } from "./page.js";
import { say } from "./say.js";
import { act } from "./server.js";
import { toast } from "./toast.js";
import { choiceOf, valuesIn } from "./values.js";

/**
 * Does something and tells the person when it went wrong, be it by refusal or by a failed delivery.
 * @returns {Promise<boolean>} whether the workspace took it
 */
async function attempt(doing, element) {
  element?.classList.add("busy");
  try {
    const { failure, shown } = (await doing()) ?? {};
    if (failure !== undefined) toast(shown?.text ?? `The app did not answer: ${failure}`, { bad: true });
  } catch (error) {
    toast(error.message, { bad: true });
    return false;
  } finally {
    element?.classList.remove("busy");
  }
  return true;
}

/** @returns whether the person says yes, or was not asked */
function isConfirmed({ dataset }) {
  if (dataset.confirm === undefined) return Promise.resolve(true);
  const dialog = byId("confirm");
  dialog.innerHTML = drawConfirm(JSON.parse(dataset.confirm), viewer()).text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

/** Whoever chose in a menu goes on at what opened it. */
function leaveMenu(element) {
  const menu = element.closest("details.overflow[open]");
  menu?.removeAttribute("open");
  menu?.querySelector("summary").focus();
}

/** An element was pressed, or something was chosen in it. */
export async function press(element) {
  leaveMenu(element);
  if (!(await isConfirmed(element))) return;
  const { action: action_id, block: block_id } = element.dataset;
  const fields = { user: me(), action_id, block_id, ...choiceOf(element) };
  const view_id = element.closest("[data-view]")?.dataset.view;
  if (view_id !== undefined) return attempt(() => act("press-in-view", { ...fields, view_id }), element);
  return attempt(() => act("press", { ...fields, ...messageOf(element) }), element);
}

/** Ephemeral messages about a modal are in no channel; the person meets them where they are. */
function messageOf(element) {
  const { channel = page.where.place, ts } = element.closest(".message").dataset;
  return { channel, ts };
}

/** Where an element is, as the acts about suggestions take it. */
export function placeOf(element) {
  const view_id = element.closest("[data-view]")?.dataset.view;
  return view_id === undefined ? messageOf(element) : { view_id };
}

export function submit(form, button) {
  const fields = { user: me(), view_id: form.dataset.view, values: valuesIn(form) };
  return attempt(() => act("submit", fields), button);
}

export function closeView(all) {
  const view_id = page.workspace.modal.id;
  return attempt(() => act("close-view", { user: me(), view_id, all }));
}

export function runShortcut(element) {
  leaveMenu(element);
  const fields = { user: me(), callback_id: element.dataset.shortcut };
  if (element.closest(".message") === null) return attempt(() => act("shortcut", fields));
  return attempt(() => act("message-shortcut", { ...fields, ...messageOf(element) }));
}

/** Sends what was typed, into the channel or into a thread of it. */
export function sayHere(text, thread) {
  const { workspace, where } = page;
  return attempt(() => say(text, { me: me(), workspace, place: where.place, thread }));
}

/** Brings oneself, or the app, into the channel that one looks at. */
export const joinHere = () => attempt(() => act("join", { user: me(), channel: page.where.place }));
export const inviteApp = () => attempt(() => act("invite", { user: me(), channel: page.where.place }));

export function go(place) {
  byId("workspace").classList.remove("at-places");
  move({ place, thread: undefined });
  history.replaceState(null, "", `#${place}`);
  drawNow();
  // What was said last is at the end; Home begins at its head.
  byId("messages").scrollTop = place === HOME ? 0 : byId("messages").scrollHeight;
  startWriting();
  if (place === HOME) attempt(() => act("home", { user: me() }));
  if (place === directPlace()) attempt(() => act("messages-tab", { user: me() }));
}

/** Whoever has keys can write at once; on a screen that is touched, a keyboard would cover half of what is there. */
export function startWriting() {
  const hasKeys = matchMedia("(hover: hover)").matches && window === window.top;
  if (hasKeys) byId("composer").querySelector("textarea").focus();
}

export function openThread(thread) {
  const before = page.where.thread;
  move({ thread });
  drawNow();
  if (thread !== undefined) byId("reply").querySelector("textarea").focus();
  else document.querySelector(`[data-thread="${before}"]`)?.focus();
}
