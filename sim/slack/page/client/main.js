import { closeView, go, openThread, press, runShortcut, sayHere, submit } from "./acts.js";
import { composer } from "./composer.js";
import { drawShortcuts, writeDates } from "./draw.js";
import { byId, directPlace, page } from "./page.js";
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
};

document.addEventListener("click", ({ target }) => {
  const element = target.closest("button, a");
  const kind = Object.keys(element?.dataset ?? {}).find((name) => name in CLICKS);
  if (kind !== undefined) CLICKS[kind](element);
  for (const menu of document.querySelectorAll("details.overflow[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});

/** Elements of an input block keep to themselves until the modal is sent, unless the block says otherwise. */
function dispatches(element) {
  const input = element.closest(".input");
  return input === null || input.hasAttribute("data-dispatch");
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "me") become(target.value);
  const element = target.closest("[data-element]");
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

const { commands = [] } = APP_SURFACE;
composer(byId("composer"), { commands, send: (text) => sayHere(text) });
composer(byId("reply"), { commands: [], send: (text) => sayHere(text, page.where.thread) });
drawShortcuts();
setInterval(writeDates, DATES);
watch();
