import { draw } from "./draw.js";
import { me, move, page, settle } from "./page.js";
import { toast } from "./toast.js";

let source;
let lost;

/** Watches the workspace through the eyes of whoever the address names; when it goes away, until it is back. */
export function watch() {
  source?.close();
  const parts = new Map();
  source = new EventSource(`/_sim/stream?user=${encodeURIComponent(me())}`);
  source.addEventListener("open", () => {
    // It tells everything anew.
    parts.clear();
    lost?.remove();
    lost = undefined;
  });
  source.addEventListener("change", ({ data }) => {
    const { set, gone } = JSON.parse(data);
    for (const name of gone) parts.delete(name);
    for (const [name, value] of set) parts.set(name, value);
    page.workspace = workspaceOf(parts);
    settle();
    draw();
  });
  source.addEventListener("error", () => {
    lost ??= toast("The workspace does not answer. Is script/playground still running?", { stays: true });
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, 1000);
  });
}

function workspaceOf(parts) {
  const messages = {};
  const ephemerals = [];
  for (const [name, value] of parts) {
    if (!name.startsWith("message ")) continue;
    if (value.ephemeral) ephemerals.push(value);
    else {
      messages[value.channel] ??= [];
      messages[value.channel].push(value);
    }
  }
  const own = ["team", "users", "channels"].map((name) => [name, parts.get(name)]);
  const modal = parts.get("modal") ?? undefined;
  const home = parts.get("home") ?? undefined;
  return { ...Object.fromEntries(own), messages, ephemerals, modal, home };
}

/** Makes the person at the screen another one. */
export function become(user) {
  const url = new URL(location.href);
  url.searchParams.set("user", user);
  history.replaceState(null, "", url);
  move({ thread: undefined });
  watch();
}
