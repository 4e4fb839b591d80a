import type { Run } from "../runs/run.ts";
import type { Content } from "./card.ts";
import { effort, reason } from "./progress.ts";
import { isTimed, stateOf } from "./state.ts";
import { cutMarkup, link, safe, section } from "./text.ts";

/**
 * The end of a run, for the thread of the message that it was started from. `url` is its card's. A run in a private
 * channel says nothing of what it did: the thread has other readers.
 */
export function sourceThreadMessage(run: Run, url: string | undefined): Content {
  const { sign, words } = stateOf(run);
  const done = isTimed(run) ? undefined : effort(run);
  const card = url ? ` · ${link(url, "View card")}` : "";
  const what = `${safe(run.requester.name, 80)}'s run from this message`;
  const said = `${what}: *${words}*${done ? `, ${done}` : ""}${card}`;
  const isOpen = run.phase.name === "ended" && (!run.hidden || run.sourceThread?.channel === run.channel);
  return {
    text: cutMarkup(`${what}: ${words}${done ? `, ${done}` : ""}`, 400),
    blocks: [section(`${sign} ${said}`), ...(isOpen ? reason(run) : [])],
  };
}
