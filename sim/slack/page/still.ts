import { documentOf } from "./document.ts";
import { html } from "./render/html.ts";
import { drawMessages, type Message } from "./render/messages.ts";
import { withPictures } from "./render/pictures.ts";
import type { Viewer } from "./render/viewer.ts";
import { drawHome, drawModal, type View } from "./render/views.ts";

const NOBODY: Viewer = { now: Date.now(), users: [], channels: [] };

/** A document with these messages as the page draws them, to be looked at or photographed; nothing in it acts. */
export function renderMessagesHtml(messages: readonly Message[], viewer: Partial<Viewer> = {}): string {
  const drawn = withPictures(drawMessages(messages, { viewer: { ...NOBODY, now: Date.now(), ...viewer } }));
  return documentOf("Messages", html`<main class="still">${drawn}</main>`);
}

/** The same for a modal or a Home tab. */
export function renderViewHtml(view: View, viewer: Partial<Viewer> = {}): string {
  const whole = { ...NOBODY, now: Date.now(), ...viewer };
  const app = whole.users.find(({ isBot }) => isBot)?.name ?? "app";
  const drawn =
    view.type === "home"
      ? drawHome(view, app, whole)
      : html`<div class="backdrop">${drawModal(view, app, whole)}</div>`;
  return documentOf("View", html`<main class="still">${withPictures(drawn)}</main>`);
}
