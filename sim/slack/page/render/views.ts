import { drawBlocks } from "./blocks.ts";
import { withEmoji } from "./emoji.ts";
import { type Html, html } from "./html.ts";
import { plainOf } from "./json.ts";
import { textObject } from "./texts.ts";
import type { Viewer } from "./viewer.ts";

/** A modal or a Home tab, as the workspace keeps it. */
export interface View {
  readonly id?: string;
  readonly type?: string;
  readonly title?: unknown;
  readonly submit?: unknown;
  readonly close?: unknown;
  readonly blocks?: readonly unknown[];
  /** By block_id: what the app said about what was entered. */
  readonly errors?: Readonly<Record<string, string>>;
  readonly previous_view_id?: string | null;
}

/** A modal's window; `app` is the name it bears. */
export function drawModal(view: View, app: string, viewer: Viewer): Html {
  const { id = "", title, submit, blocks, errors = {} } = view;
  const send =
    submit !== undefined &&
    html`<button type="submit" class="button primary">${withEmoji(plainOf(submit))}</button>`;
  const leave = withEmoji(plainOf(view.close)) || closing(view);
  return html`<form class="modal" data-view="${id}">
    <header>
      <b>${withEmoji(plainOf(title))}</b><span class="of">${app}</span>
      <button type="button" class="icon" data-close="all" aria-label="Close">✕</button>
    </header>
    <div class="scroll">${drawBlocks(blocks, { viewer, errors })}</div>
    <footer><button type="button" class="button" data-close="one">${leave}</button>${send}</footer>
  </form>`;
}

function closing({ submit, previous_view_id }: View): string {
  if (previous_view_id) return "Back";
  return submit === undefined ? "Close" : "Cancel";
}

/** The app's Home tab. */
export function drawHome(view: View | undefined, app: string, viewer: Viewer): Html {
  if (view === undefined)
    return html`<div class="nothing"><b>${app}</b><p>This app has not published its Home tab yet.</p></div>`;
  return html`<div class="home" data-view="${view.id}">${drawBlocks(view.blocks, { viewer })}</div>`;
}

/** The question that an element asks before it acts. */
export function drawConfirm(confirm: Readonly<Record<string, unknown>>, viewer: Viewer): Html {
  const style = confirm.style === "danger" ? "danger" : "primary";
  return html`<form method="dialog" class="modal small">
    <header><b>${withEmoji(plainOf(confirm.title))}</b></header>
    <div class="scroll"><p class="text">${textObject(confirm.text, viewer)}</p></div>
    <footer>
      <button class="button" value="deny">${withEmoji(plainOf(confirm.deny))}</button>
      <button class="button ${style}" value="confirm">${withEmoji(plainOf(confirm.confirm))}</button>
    </footer>
  </form>`;
}
