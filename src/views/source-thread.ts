import { isEnded, type Run } from "../runs/run.ts";
import { type Content, signOf } from "./card.ts";
import { effort, failure } from "./progress.ts";
import { cutMarkup, link, safe, section } from "./text.ts";

/**
 * The end of a run, for the thread of the message that it was asked from. `url` is its card's. A run in a private
 * channel is told of without what it did: the thread has other readers.
 */
export function sourceThreadMessage(run: Run, url: string | undefined): Content {
  const { sign, words } = signOf(run);
  const done = run.ttlMinutes === undefined ? effort(run) : undefined;
  const card = url ? ` · ${link(url, "Card")}` : "";
  const what = `What ${safe(run.requester.name, 80)} started from this message`;
  const said = `${what}: *${words}*${done ? `, ${done}` : ""}${card}`;
  const isOpen = isEnded(run) && (!run.hidden || run.sourceThread?.channel === run.channel);
  return {
    text: cutMarkup(`${what}: ${words}${done ? `, ${done}` : ""}`, 400),
    blocks: [section(`${sign} ${said}`), ...(isOpen ? failure(run) : [])],
  };
}
