import { html } from "../render/html.ts";
import { byId } from "./page.js";
import { patch } from "./patch.js";
import { act } from "./server.js";
import { toast } from "./toast.js";

/** How many lines stay. */
const KEPT = 200;

let source;

/** Shows or hides what happens beside the workspace; it is watched only while it is seen. */
export function toggleBench() {
  const bench = byId("bench");
  if (bench.contains(document.activeElement)) byId("to-bench").focus();
  bench.hidden = !bench.hidden;
  byId("to-bench").setAttribute("aria-expanded", String(!bench.hidden));
  source?.close();
  byId("traffic").replaceChildren();
  if (bench.hidden) return;
  // From its button the keyboard would come here last, behind all that was said.
  bench.querySelector("button").focus();
  source = new EventSource("/_sim/traffic");
  source.addEventListener("open", () => byId("traffic").replaceChildren());
  source.addEventListener("traffic", ({ data }) => addLines(JSON.parse(data)));
  source.addEventListener("switches", ({ data }) =>
    patch(byId("switches"), JSON.parse(data).map(drawSwitch).join("")),
  );
}

function addLines(lines) {
  const list = byId("traffic");
  list.insertAdjacentHTML("afterbegin", lines.reverse().map(drawLine).join(""));
  while (list.childElementCount > KEPT) list.lastElementChild.remove();
}

function drawLine({ at, from, what, ok, outcome }) {
  const time = new Date(at).toTimeString().slice(0, 8);
  return html`<li class="${ok ? "fine" : "failed"}"><time>${time}</time><span><b>${from}</b> ${what}</span><em>${outcome}</em></li>`;
}

function drawSwitch({ name, title, choices, chosen }) {
  const buttons = choices.map(
    (choice) =>
      html`<button type="button" class="choice" data-turn="${name}" data-choice="${choice}" data-key="${name} ${choice}" aria-pressed="${String(choice === chosen)}">${choice}</button>`,
  );
  return html`<div class="switch" role="group" aria-label="${title}" data-key="${name}"><b>${title}</b><span>${buttons}</span></div>`;
}

export async function turnSwitch(button) {
  const { turn: name, choice } = button.dataset;
  button.classList.add("busy");
  try {
    await act("turn", { name, choice });
  } catch (error) {
    toast(error.message, { bad: true });
  } finally {
    button.classList.remove("busy");
  }
}
