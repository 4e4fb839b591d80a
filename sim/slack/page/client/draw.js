import { formatDate } from "../render/dates.ts";
import { html } from "../render/html.ts";
import { withPictures } from "../render/pictures.ts";
import { drawModal } from "../render/views.ts";
import { appOf, drawHead, drawPlace, drawSidebar, drawThread, HOME, isOutside } from "../render/workspace.ts";
import { byId, me, noteSeen, page, viewer } from "./page.js";
import { patch } from "./patch.js";

const { shortcuts = [] } = APP_SURFACE;
const drawn = new Map();
let isDue = false;

/** Draws the node's content anew if it has changed. @returns whether it has */
function put(node, part) {
  const text = withPictures(html`${part}`).text;
  if (drawn.get(node) === text) return false;
  drawn.set(node, text);
  patch(node, text);
  return true;
}

/** However much happens, it is drawn once a frame. */
export function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(drawNow);
}

/** A list of messages that was at its end stays there when it grows. */
function putList(node, part) {
  const isAtEnd = page.where.place !== HOME && node.scrollHeight - node.scrollTop - node.clientHeight < 60;
  if (put(node, part) && isAtEnd) node.scrollTop = node.scrollHeight;
}

export function drawNow() {
  isDue = false;
  noteSeen();
  const { workspace, where } = page;
  const menu = messageMenu();
  put(byId("sidebar"), drawSidebar(workspace, where, me()));
  put(byId("head"), drawHead(workspace, where));
  const thread = drawThread(workspace, where, viewer(), menu);
  byId("thread").hidden = thread === undefined;
  const outside = isOutside(workspace, where, me());
  byId("join").hidden = !outside;
  byId("composer").hidden = where.place === HOME || outside;
  for (const box of composers) box.follow();
  putList(byId("messages"), drawPlace(workspace, where, viewer(), menu));
  putList(byId("replies"), thread);
  drawDialog(workspace);
}

/** The boxes to write in, which show what was begun wherever one is. */
export const composers = [];

function drawDialog({ modal, ...workspace }) {
  const dialog = byId("modal");
  if (modal === undefined) {
    put(dialog, "");
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

/** The message shortcuts, for each message that everybody sees. */
function messageMenu() {
  const items = shortcutItems("message");
  if (items.length === 0) return undefined;
  return html`<div class="tools-menu"><details class="overflow">
    <summary class="icon" aria-label="More actions">⋯</summary>
    <div class="menu">${items}</div>
  </details></div>`;
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
