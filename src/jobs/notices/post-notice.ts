import { metadataOf } from "../../delivery/read-back.ts";
import { sendContent } from "../../delivery/send-content.ts";
import type { Sending } from "../../store/channel-outbox.ts";
import type { Address } from "../../store/subscriptions.ts";
import { noticeMessage } from "../../views/notices.ts";
import type { NoticeSide } from "./deps.ts";

/** One message. Throws as {@link SlackWeb.call}. */
export async function post(side: NoticeSide, { team, channel }: Address, sending: Sending): Promise<void> {
  const [first] = sending.notices;
  const about = { id: first?.run ?? "", kind: first?.kind ?? "twin" };
  await sendContent(side, team, "chat.postMessage", {
    channel,
    metadata: metadataOf(about, "notice", sending.key),
    unfurl_links: false,
    unfurl_media: false,
    content: noticeMessage(sending, Date.now()),
  });
}
