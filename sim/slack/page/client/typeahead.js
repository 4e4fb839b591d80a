import { withEmoji } from "../render/emoji.ts";
import { html } from "../render/html.ts";
import { plainOf } from "../render/json.ts";
import { withPictures } from "../render/pictures.ts";
import { act } from "./server.js";

/** How long nothing is typed before the app is asked, in ms. */
const PAUSE = 200;

/** Where its options come from; the newest question wins. */
const asked = new WeakMap();
/** Where Enter was pressed before the options were those for what is typed: the first of them will be meant. */
const hasty = new WeakSet();

const boxOf = (target) => target.closest?.(".typeahead");

/**
 * Selects whose options the app gives while one types: an event on one of them asks, moves, chooses or closes.
 * What is chosen stands in `data-chosen` as a list of `{value, text}`.
 */
export function followTypeahead({ me, at, press }) {
  document.addEventListener("input", ({ target }) => {
    const box = boxOf(target);
    if (box) ask(box, { me, at, press }, PAUSE);
  });
  document.addEventListener("focusin", ({ target }) => {
    const box = boxOf(target);
    if (box && target.matches("input")) ask(box, { me, at, press }, 0);
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const box = boxOf(target);
    if (box && !box.contains(relatedTarget)) leave(box);
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".typeahead [role=option]")) event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    const box = boxOf(target);
    const option = target.closest?.("[role=option]:not([aria-disabled])");
    if (box && option) choose(box, option, press);
    const taken = target.closest?.(".typeahead [data-untake]");
    if (box && taken)
      setChosen(
        box,
        chosenIn(box).filter(({ value }) => value !== taken.dataset.untake),
      );
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const box = boxOf(event.target);
      if (box) key(box, event, press);
    },
    true,
  );
}

export function chosenIn(box) {
  return JSON.parse(box.dataset.chosen ?? "[]");
}

const isMany = (box) => box.dataset.element.startsWith("multi_");

function setChosen(box, chosen) {
  box.dataset.chosen = JSON.stringify(chosen);
  const input = box.querySelector("input");
  input.value = isMany(box) ? "" : (chosen[0]?.text ?? "");
  input.required = isMany(box) ? box.hasAttribute("data-required") && chosen.length === 0 : input.required;
  box.querySelector(".taken").innerHTML = isMany(box)
    ? chosen
        .map(
          ({ value, text }) =>
            html`<span class="chip">${text} <button type="button" class="icon" data-untake="${value}" aria-label="Remove ${text}">✕</button></span>`,
        )
        .join("")
    : "";
}

function ask(box, { me, at, press }, pause) {
  const input = box.querySelector("input");
  const typed = isMany(box) || input.value !== chosenIn(box)[0]?.text ? input.value : "";
  clearTimeout(asked.get(box));
  hasty.delete(box);
  if (typed.length < Number(box.dataset.least)) return close(box);
  const timer = setTimeout(async () => {
    const fields = { user: me(), action_id: box.dataset.action, typed };
    const { view_id, ...message } = at(box);
    const answer = await (view_id
      ? act("suggest-in-view", { ...fields, view_id })
      : act("suggest", { ...fields, ...message })
    ).catch(() => ({ options: [] }));
    if (asked.get(box) !== timer) return;
    asked.delete(box);
    if (!box.contains(document.activeElement)) return;
    offer(box, answer.options ?? []);
    const first = box.querySelector("[data-offered]");
    if (hasty.delete(box) && first !== null) choose(box, first, press);
  }, pause);
  asked.set(box, timer);
}

function offer(box, options) {
  const list = box.querySelector("[role=listbox]");
  const { id } = list;
  const items = options.map(({ text, value, description }, index) => {
    const label = withEmoji(plainOf(text) || value);
    const more = description && html`<small>${withEmoji(plainOf(description))}</small>`;
    return html`<div role="option" class="item" id="${id}-${index}" aria-selected="false" data-offered="${value}" data-text="${label}">${label}${more}</div>`;
  });
  list.innerHTML =
    items.length > 0
      ? withPictures(html`${items}`).text
      : `<div class="item none" role="option" aria-disabled="true">Nothing fits</div>`;
  list.hidden = false;
  box.querySelector("input").setAttribute("aria-expanded", "true");
}

function close(box) {
  clearTimeout(asked.get(box));
  asked.delete(box);
  hasty.delete(box);
  box.querySelector("[role=listbox]").hidden = true;
  const input = box.querySelector("input");
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

/** What was typed and is none of the options is nothing. */
function leave(box) {
  close(box);
  const input = box.querySelector("input");
  if (!isMany(box) && input.value === "" && chosenIn(box).length > 0) setChosen(box, []);
  else if (isMany(box)) input.value = "";
  else input.value = chosenIn(box)[0]?.text ?? "";
}

function choose(box, { dataset: { offered: value, text } }, press) {
  const others = isMany(box) ? chosenIn(box).filter((one) => one.value !== value) : [];
  setChosen(box, [...others, { value, text }]);
  close(box);
  press(box);
}

const MOVES = { ArrowDown: 1, ArrowUp: -1 };

function key(box, event, press) {
  const options = [...box.querySelectorAll("[role=option]:not([aria-disabled])")];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" && asked.has(box)) {
    event.preventDefault();
    hasty.add(box);
    return;
  }
  if (box.querySelector("[role=listbox]").hidden) {
    if (event.key === "Backspace" && isMany(box) && event.target.value === "")
      setChosen(box, chosenIn(box).slice(0, -1));
    return;
  }
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(box);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (options.length > 0) choose(box, options[Math.max(at, 0)], press);
  } else if (event.key in MOVES && options.length > 0) {
    event.preventDefault();
    const next = (at + MOVES[event.key] + options.length) % options.length;
    for (const [index, one] of options.entries()) one.setAttribute("aria-selected", String(index === next));
    options[next].scrollIntoView({ block: "nearest" });
    box.querySelector("input").setAttribute("aria-activedescendant", options[next].id);
  }
}
