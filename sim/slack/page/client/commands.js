import { html } from "../render/html.ts";

/**
 * The commands that fit what is typed in a box: the arrows move between them, Tab takes one, and so does Enter while
 * the command isn't whole.
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} menu a listbox
 * @param {{commands: {command: string, usage_hint?: string, description?: string}[], write: (text: string) => void}} options
 */
export function commandMenu(box, menu, { commands, write }) {
  let pointed = 0;

  const point = (wanted) => {
    const items = [...menu.children];
    pointed = (wanted + items.length) % items.length;
    for (const [index, item] of items.entries())
      item.setAttribute("aria-selected", String(index === pointed));
    box.setAttribute("aria-activedescendant", items[pointed].id);
  };

  const hide = () => {
    menu.hidden = true;
    box.removeAttribute("aria-activedescendant");
  };

  const suggest = () => {
    const isCommand = /^\/\S*$/.test(box.value);
    const fitting = isCommand ? commands.filter(({ command }) => command.startsWith(box.value)) : [];
    if (fitting.length === 0) return hide();
    menu.innerHTML = fitting.map((command, index) => commandHtml(command, `${menu.id}-${index}`)).join("");
    menu.hidden = false;
    point(0);
  };

  const take = ({ dataset: { command } }) => {
    write(`${command} `);
    box.focus();
  };

  /** @returns whether this key did something */
  const steer = ({ key, shiftKey }) => {
    if (menu.hidden) return false;
    const item = menu.children[pointed];
    const takes = key === "Tab" || (key === "Enter" && box.value !== item.dataset.command);
    if (key === "ArrowDown") point(pointed + 1);
    else if (key === "ArrowUp") point(pointed - 1);
    else if (key === "Escape") hide();
    else if (takes && !shiftKey) take(item);
    else return false;
    return true;
  };

  // The box keeps the focus.
  menu.addEventListener("mousedown", (event) => event.preventDefault());
  menu.addEventListener("click", ({ target }) => take(target.closest("[data-command]")));
  box.addEventListener("blur", hide);
  return { suggest, steer };
}

function commandHtml({ command, usage_hint = "", description = "" }, id) {
  return html`<div role="option" class="item" id="${id}" data-command="${command}"><b>${command}</b> ${usage_hint}<small>${description}</small></div>`;
}
