import { withEmoji } from "./emoji.ts";
import { Html, html } from "./html.ts";
import { objectOf, stringOf } from "./json.ts";
import { mrkdwn } from "./mrkdwn.ts";
import type { Viewer } from "./viewer.ts";

/** A text object of either type. */
export function textObject(value: unknown, viewer: Viewer): Html {
  const { type, text, emoji } = objectOf(value);
  if (type === "mrkdwn") return mrkdwn(stringOf(text), viewer);
  return plainText(stringOf(text), emoji !== false);
}

function plainText(text: string, hasEmoji: boolean): Html {
  const escaped = html`${hasEmoji ? withEmoji(text) : text}`;
  return new Html(escaped.text.replaceAll("\n", "<br>"));
}
