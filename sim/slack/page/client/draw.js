import { formatDate } from "../render/dates.ts";
import { html } from "../render/html.ts";
import { withPictures } from "../render/pictures.ts";
import { drawModal } from "../render/views.ts";
import { appOf, drawHead, drawPlace, drawSidebar, drawThread, HOME, isOutside } from "../render/workspace.ts";
import { byId, me, noteSeen, page, refresh, viewer } from "./page.js";
import { patch, patchList } from "./patch.js";

const { shortcuts = [] } = APP_SURFACE;
const drawn = new Map();
/** With pictures, by what is drawn without. */
const pictured = new WeakMap();
const inPlace = { menu: messageMenu(), memories: new WeakMap() };
const inThread = { menu: inPlace.menu, memories: new WeakMap() };
let isDue = false;
/** When it was drawn last, in ms. */
let last = { begin: 0, end: 0 };

/** Draws the node's content anew if it has changed. @returns whether it has */
function put(node, part) {
  const text = withPictures(html`${part}`).text;
  if (drawn.get(node) === text) return false;
  drawn.set(node, text);
  patch(node, text);
  return true;
}

/** However much happens, it is drawn at most once a frame, and drawing takes a quarter of the time at most. */
export function draw() {
  if (isDue) return;
  isDue = true;
  const rest = last.end + 3 * (last.end - last.begin) - performance.now();
  if (rest > 0) setTimeout(() => requestAnimationFrame(drawNow), rest);
  else requestAnimationFrame(drawNow);
}

/** The lists that show their end. */
const atEnd = new WeakSet();

function noteEnd(node) {
  const isAtEnd = page.where.place !== HOME && node.scrollHeight - node.scrollTop - node.clientHeight < 60;
  if (isAtEnd) atEnd.add(node);
  else atEnd.delete(node);
}

/** A list of messages that was at its end stays there when it grows. */
function putList(node, pieces) {
  noteEnd(node);
  const texts = pieces.map(({ key, html }) => ({ key, text: textOf(html) }));
  if (patchList(node, texts) && atEnd.has(node)) node.scrollTop = node.scrollHeight;
}

/** It stays there, too, when something opens beside or below it. */
export function followEnds() {
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) if (atEnd.has(target)) target.scrollTop = target.scrollHeight;
  });
  for (const node of [byId("messages"), byId("replies")]) {
    node.addEventListener("scroll", () => noteEnd(node), { passive: true });
    resized.observe(node);
  }
}

function textOf(part) {
  const text = pictured.get(part) ?? withPictures(part).text;
  pictured.set(part, text);
  return text;
}

export function drawNow() {
  isDue = false;
  if (!refresh()) return;
  const begin = performance.now();
  noteSeen();
  const { workspace, where } = page;
  put(byId("sidebar"), drawSidebar(workspace, where, me()));
  put(byId("head"), drawHead(workspace, where));
  const thread = drawThread(workspace, where, viewer(), inThread);
  byId("thread").hidden = thread === undefined;
  const outside = isOutside(workspace, where, me());
  byId("join").hidden = !outside;
  byId("composer").hidden = where.place === HOME || outside;
  for (const box of composers) box.follow();
  putList(byId("messages"), drawPlace(workspace, where, viewer(), inPlace));
  putList(byId("replies"), thread ?? []);
  drawDialog(workspace);
  last = { begin, end: performance.now() };
}

/** The boxes to write in, which show what was begun wherever one is. */
export const composers = [];

/** Chromium gives back the focus without the cursor, so that what is typed would go nowhere. */
function closeDialog(dialog) {
  if (!dialog.open) return;
  dialog.close();
  const box = document.activeElement;
  if (box instanceof HTMLTextAreaElement) box.setSelectionRange(box.selectionStart, box.selectionEnd);
}

function drawDialog({ modal, ...workspace }) {
  const dialog = byId("modal");
  if (modal === undefined) {
    put(dialog, "");
    closeDialog(dialog);
    return;
  }
  const isNew = put(dialog, drawModal(modal, appOf(workspace).name, viewer()));
  if (!dialog.open) dialog.showModal();
  // What is wrong may be further up or down.
  if (isNew) dialog.querySelector(".error")?.scrollIntoView({ block: "nearest" });
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
