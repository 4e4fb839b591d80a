import { isVisible } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import { unfurl } from "../../views/unfurl.ts";
import { type HandlerContext, viewContext } from "../shared/context.ts";
import type { EventHandler } from "../shared/handlers.ts";
import { runAt } from "../shared/run-at.ts";
import { withRetries } from "../shared/tell.ts";

/** What is used of a `link_shared` event. */
interface SharedLinks {
  /** In the composer, where nothing was sent yet, no channel of anybody's. */
  channel: string;
  message_ts: string;
  unfurl_id?: string;
  source?: string;
  links: { url: string }[];
}

/** More links than this in one message are left as they are. */
const LINKS_MOST = 5;

/** Links to runs in Arga's dashboard: each shows that run's state, with its buttons. */
export const linkShared: EventHandler<"link_shared"> = async (context, event: SharedLinks, delivery) => {
  const { team, isExternallyShared } = delivery;
  // It isn't known yet where a message that is being written will stand, and who reads it there.
  const isOpen = !isExternallyShared && event.source !== "composer";
  const found = await runsIn(context, team, event, isOpen);
  if (found.length === 0) return;
  const now = viewContext(context);
  const cardLink = await context.links.of(team);
  const unfurls = Object.fromEntries(
    found.map(({ url, run }, i) => [url, { blocks: unfurl(run, now, i + 1, cardLink(run)) }]),
  );
  // A second time, Slack changes what it shows already: nothing has to be remembered.
  const args = { ...targetOf(event), unfurls };
  context.waitUntil(withRetries(() => context.slack.call(team, "chat.unfurl", args)));
};

/** A link that is still being written has no message; the other way is the one that Slack has always had. */
const targetOf = ({ source, unfurl_id, channel, message_ts }: SharedLinks): Record<string, string> =>
  source === "composer" && unfurl_id ? { unfurl_id, source } : { channel, ts: message_ts };

interface Found {
  url: string;
  run: Run;
}

async function runsIn(
  context: HandlerContext,
  team: string,
  { channel, links }: SharedLinks,
  isOpen: boolean,
): Promise<Found[]> {
  const urls = [...new Set(links.map(({ url }) => url))].slice(0, LINKS_MOST);
  const runs = await Promise.all(urls.map((url) => runAt(context, team, url)));
  return urls.flatMap((url, i) => {
    const run = runs[i];
    const isForThem = run && (isOpen ? isForAll(run, channel) : run.channel === channel);
    return run && isForThem ? [{ url, run }] : [];
  });
}

/**
 * Everyone in the channel sees what is shown under a link: not whoever posted it must be entitled to it, but a person
 * of whom nothing is known but that channel.
 */
const isForAll = (run: Run, channel: string): boolean =>
  isVisible({ id: "", name: "", channel }, run, new Set());
