import { draw } from "./draw.js";
import { me, move, page } from "./page.js";
import { toast } from "./toast.js";

let source;
let lost;

/** Watches the workspace through the eyes of whoever the address names; when it goes away, until it is back. */
export function watch() {
  source?.close();
  const parts = new Map();
  let isFirst = true;
  source = new EventSource(`/_sim/stream?user=${encodeURIComponent(me())}`);
  source.addEventListener("open", () => {
    // It tells everything anew.
    isFirst = true;
    lost?.remove();
    lost = undefined;
  });
  source.addEventListener("change", ({ data }) => {
    const { set, gone } = JSON.parse(data);
    if (isFirst) parts.clear();
    isFirst = false;
    for (const name of gone) parts.delete(name);
    for (const [name, value] of set) parts.set(name, value);
    page.parts = parts;
    page.isStale = true;
    draw();
  });
  source.addEventListener("error", () => {
    lost ??= toast("The workspace does not answer. Is script/playground still running?", { stays: true });
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, 1000);
  });
}

/** Makes the person at the screen another one. */
export function become(user) {
  const url = new URL(location.href);
  url.searchParams.set("user", user);
  history.replaceState(null, "", url);
  move({ thread: undefined });
  watch();
}
