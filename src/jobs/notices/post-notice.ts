import { metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import type { OutgoingNotice } from "../../store/channel-outbox.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import { noticeMessage } from "../../views/notices.ts";
import type { NoticeDeps } from "./deps.ts";

/** One message. Throws as {@link SlackWeb.call}. */
export async function post(
  deps: NoticeDeps,
  { team, channel }: ChannelRef,
  sending: OutgoingNotice,
): Promise<void> {
  const [first] = sending.notices;
  const about = { id: first?.run ?? "", kind: first?.kind ?? "twin" };
  await sendContent(deps, team, "chat.postMessage", {
    channel,
    metadata: metadataOf(about, "notice", sending.key),
    unfurl_links: false,
    unfurl_media: false,
    content: noticeMessage(sending, Date.now()),
  });
}
