import {
  closeView,
  go,
  inviteApp,
  joinHere,
  openThread,
  placeOf,
  press,
  runShortcut,
  sayHere,
  startWriting,
  submit,
} from "./acts.js";
import { toggleBench, turnSwitch } from "./bench.js";
import { composer } from "./composer.js";
import { composers, drawShortcuts, followEnds, writeDates } from "./draw.js";
import { byId, directPlace, me, page } from "./page.js";
import { followTypeahead } from "./typeahead.js";
import { become, watch } from "./watch.js";

/** How often the dates are written anew, in ms. */
const DATES = 10_000;

const PRESSED = "button[data-action], a[data-action]";

/** What a click does, by the attribute of what was clicked. */
const CLICKS = {
  action: (element) => press(element),
  place: ({ dataset }) => go(dataset.place === "dm" ? directPlace() : dataset.place),
  thread: ({ dataset }) => openThread(dataset.thread),
  close: ({ dataset }) => closeView(dataset.close === "all"),
  shortcut: (element) => runShortcut(element),
  leave: () => openThread(undefined),
  join: () => joinHere(),
  invite: () => inviteApp(),
  try: ({ dataset }) => main.begin(dataset.try),
  places: () => byId("workspace").classList.toggle("at-places"),
  bench: () => toggleBench(),
  turn: (element) => turnSwitch(element),
};

document.addEventListener("click", ({ target }) => {
  const element = target.closest("button, a");
  const kind = Object.keys(element?.dataset ?? {}).find((name) => name in CLICKS);
  if (kind !== undefined) CLICKS[kind](element);
  for (const menu of document.querySelectorAll("details.overflow[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});

/** A menu that the focus leaves for something else covers it no longer. */
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest("details.overflow[open]");
  if (relatedTarget !== null && !menu?.contains(relatedTarget)) menu?.removeAttribute("open");
});

/** A menu opens to where there is room for it; what `open` says is left alone when it is drawn anew. */
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.("details.overflow[open]")) return;
    const room = (target.closest(".scroll") ?? document.body).getBoundingClientRect();
    const { bottom, left } = target.querySelector(".menu").getBoundingClientRect();
    const ways = [bottom > room.bottom && "up", left < room.left && "rightwards"].filter(Boolean);
    target.setAttribute("open", ways.join(" "));
  },
  true,
);

/** Elements of an input block keep to themselves until the modal is sent, unless the block says otherwise. */
function dispatches(element) {
  const input = element.closest(".input");
  return input === null || input.hasAttribute("data-dispatch");
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "me") become(target.value);
  const element = target.closest("[data-element]");
  if (element?.matches(".typeahead")) return;
  if (element !== null && !element.matches(PRESSED) && dispatches(element)) press(element);
});

byId("modal").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.target, event.submitter);
});

byId("modal").addEventListener("cancel", (event) => {
  event.preventDefault();
  closeView(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const menu = document.querySelector("details.overflow[open]");
  menu?.removeAttribute("open");
  menu?.querySelector("summary").focus();
  if (menu === null && page.where.thread !== undefined) openThread(undefined);
});

/** Slack's own, as far as this workspace has them. */
const BUILT_IN = [
  { command: "/invite", usage_hint: "@name", description: "Bring somebody, or an app, into this channel" },
  { command: "/join", usage_hint: "#channel", description: "Go into a channel" },
];

const { commands = [] } = APP_SURFACE;
const main = composer(byId("composer"), {
  commands: [...commands, ...BUILT_IN],
  send: (text) => sayHere(text),
  place: () => `${me()} ${page.where.place}`,
});
const reply = composer(byId("reply"), {
  commands: [],
  send: (text) => sayHere(text, page.where.thread),
  place: () => `${me()} ${page.where.place} ${page.where.thread}`,
});
composers.push(main, reply);
followTypeahead({ me, at: placeOf, press: (box) => dispatches(box) && press(box) });
drawShortcuts();
followEnds();
setInterval(writeDates, DATES);
watch();
startWriting();
