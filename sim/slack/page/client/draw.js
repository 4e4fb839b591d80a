import { formatDate } from "../render/dates.ts";
import { html } from "../render/html.ts";
import { drawModal } from "../render/views.ts";
import { appOf, drawHead, drawPlace, drawSidebar, drawThread, HOME } from "../render/workspace.ts";
import { byId, me, noteSeen, page, viewer } from "./page.js";
import { keepEntered } from "./values.js";

const { shortcuts = [] } = APP_SURFACE;
const drawn = new Map();

/** Replaces what is in a node, if it has changed, and keeps what was entered there. @returns whether it has */
function put(node, part) {
  const text = String(part ?? "");
  if (drawn.get(node) === text) return false;
  drawn.set(node, text);
  const enterAgain = keepEntered(node);
  node.innerHTML = text;
  enterAgain();
  return true;
}

/** A list that was at its end stays there when it grows. */
function putList(node, part) {
  const isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 60;
  if (put(node, part) && isAtEnd) node.scrollTop = node.scrollHeight;
}

export function draw() {
  noteSeen();
  const { workspace, where } = page;
  put(byId("sidebar"), drawSidebar(workspace, where, me()));
  put(byId("head"), drawHead(workspace, where));
  const thread = drawThread(workspace, where, viewer());
  byId("thread").hidden = thread === undefined;
  byId("composer").hidden = where.place === HOME;
  putList(byId("messages"), drawPlace(workspace, where, viewer()));
  putList(byId("replies"), thread);
  drawDialog(workspace);
  addMenus();
}

function drawDialog({ modal, ...workspace }) {
  const dialog = byId("modal");
  if (modal === undefined) {
    drawn.delete(dialog);
    dialog.close();
    return;
  }
  put(dialog, drawModal(modal, appOf(workspace).name, viewer()));
  if (!dialog.open) dialog.showModal();
}

/** Buttons for the shortcuts of one kind. */
function shortcutItems(kind) {
  return shortcuts
    .filter(({ type }) => type === kind)
    .map(
      ({ name, callback_id }) =>
        html`<button type="button" class="item" data-shortcut="${callback_id}">${name}</button>`,
    );
}

/** The message shortcuts, on each message that everybody sees. */
function addMenus() {
  const items = shortcutItems("message");
  if (items.length === 0) return;
  const menu = html`<div class="tools-menu"><details class="overflow">
    <summary class="icon" aria-label="More actions">⋯</summary>
    <div class="menu">${items}</div>
  </details></div>`;
  for (const message of document.querySelectorAll(".message:not(.ephemeral):not(:has(> .tools-menu))"))
    message.insertAdjacentHTML("beforeend", menu.text);
}

/** The global shortcuts, beside the composer. */
export function drawShortcuts() {
  const items = shortcutItems("global");
  byId("shortcuts").hidden = items.length === 0;
  byId("shortcuts").querySelector(".menu").innerHTML = items.join("");
}

/** Times go by: "in 5 minutes" becomes "in 4 minutes". */
export function writeDates() {
  if (page.workspace === undefined) return;
  for (const time of document.querySelectorAll("time[data-unix]")) {
    const text = formatDate(Number(time.dataset.unix), time.dataset.format, viewer());
    if (time.textContent !== text) time.textContent = text;
  }
}
