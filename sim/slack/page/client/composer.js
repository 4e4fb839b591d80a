import { html } from "../render/html.ts";

/**
 * A box to write in: Enter sends, Shift+Enter breaks the line, the arrow up brings back what was sent before.
 * @param {HTMLFormElement} form
 * @param {{commands: {command: string, usage_hint?: string, description?: string}[], send: (text: string) => Promise<boolean>,
 *   place: () => string}} options `place` is what drafts are kept by
 */
export function composer(form, { commands, send, place }) {
  const box = form.querySelector("textarea");
  const menu = form.querySelector(".suggestions");
  const sent = [];
  let position = 0;
  const drafts = new Map();
  let here = place();

  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  };

  const write = (text) => {
    box.value = text;
    grow();
    suggest();
  };

  const suggest = () => {
    const isCommand = /^\/\S*$/.test(box.value);
    const fitting = isCommand ? commands.filter(({ command }) => command.startsWith(box.value)) : [];
    menu.innerHTML = fitting.map(commandHtml).join("");
    menu.hidden = fitting.length === 0;
  };

  const submit = async () => {
    const text = box.value.trim();
    if (text === "") return;
    sent.push(text);
    position = sent.length;
    write("");
    // What could not be sent is not lost, unless something else was begun since.
    if (!(await send(text)) && box.value === "") write(text);
  };

  const recall = (step) => {
    position = Math.min(Math.max(position + step, 0), sent.length);
    write(sent[position] ?? "");
  };

  /** Somewhere else, something else was begun. */
  const follow = () => {
    if (place() === here) return;
    drafts.set(here, box.value);
    here = place();
    write(drafts.get(here) ?? "");
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener("input", () => {
    grow();
    suggest();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Tab" && !menu.hidden) {
      event.preventDefault();
      write(`${menu.querySelector("[data-command]").dataset.command} `);
    } else if (event.key === "ArrowUp" && (box.value === "" || box.value === sent[position])) recall(-1);
    else if (event.key === "ArrowDown" && box.value === sent[position]) recall(1);
  });
  menu.addEventListener("click", ({ target }) => {
    write(`${target.closest("[data-command]").dataset.command} `);
    box.focus();
  });
  return {
    follow,
    begin: (text) => {
      write(text);
      box.focus();
    },
  };
}

function commandHtml({ command, usage_hint = "", description = "" }) {
  return html`<button type="button" class="item" data-command="${command}"><b>${command}</b> ${usage_hint}<small>${description}</small></button>`;
}
