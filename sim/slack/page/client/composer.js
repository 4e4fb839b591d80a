import { commandMenu } from "./commands.js";

/**
 * A box to write in: Enter sends, Shift+Enter breaks the line, the arrow up brings back what was sent before.
 * @param {HTMLFormElement} form
 * @param {{commands: {command: string, usage_hint?: string, description?: string}[], send: (text: string) => Promise<boolean>,
 *   place: () => string}} options `place` is what drafts are kept by
 */
export function composer(form, { commands, send, place }) {
  const box = form.querySelector("textarea");
  const sent = [];
  let position = 0;
  let here;

  /** After each change of what is in the box, whoever made it. */
  const changed = () => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    // A reload finds it again.
    sessionStorage.setItem(here, box.value);
    suggest();
  };

  const write = (text) => {
    box.value = text;
    changed();
  };

  const { suggest, steer } = commandMenu(box, form.querySelector(".suggestions"), { commands, write });

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
    const there = `draft ${form.id} ${place()}`;
    if (there === here) return;
    here = there;
    write(sessionStorage.getItem(here) ?? "");
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener("input", changed);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (steer(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && (box.value === "" || box.value === sent[position])) recall(-1);
    else if (event.key === "ArrowDown" && box.value === sent[position]) recall(1);
  });
  return {
    follow,
    begin: (text) => {
      write(text);
      box.focus();
    },
  };
}
