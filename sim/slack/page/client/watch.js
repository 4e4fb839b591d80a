import { draw } from "./draw.js";
import { me, move, page, settle } from "./page.js";
import { look } from "./server.js";
import { toast } from "./toast.js";

/** How often the workspace is looked at, in ms. */
const PACE = 500;

let seenText = "";

/** Looks at the workspace, and draws it if anything has changed. */
export async function refresh() {
  const text = await look(me());
  if (text === seenText) return;
  seenText = text;
  page.workspace = JSON.parse(text);
  if (me() === undefined) await become(page.workspace.users.find(({ isBot }) => !isBot).id);
  else {
    settle();
    draw();
  }
}

/** Makes the person at the screen another one. */
export function become(user) {
  const url = new URL(location.href);
  url.searchParams.set("user", user);
  history.replaceState(null, "", url);
  move({ thread: undefined });
  return refresh();
}

let lost;

/** Looks again and again, also when the workspace went away for a while. */
export async function watch() {
  try {
    await refresh();
    lost?.remove();
    lost = undefined;
  } catch (error) {
    lost ??= toast(`The workspace does not answer: ${error.message}`, { stays: true });
  }
  setTimeout(watch, PACE);
}
