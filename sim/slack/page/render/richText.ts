import { dateHtml } from "./dates.ts";
import { emoji, withEmoji } from "./emoji.ts";
import { type Html, html } from "./html.ts";
import { type Json, listOf, objectOf, optional, stringOf } from "./json.ts";
import { link, mention } from "./mrkdwn.ts";
import { channelName, userName, type Viewer } from "./viewer.ts";

type Draw = (node: Json, viewer: Viewer) => Html;

const LEAVES: Readonly<Record<string, Draw>> = {
  text: ({ text }) => html`${withEmoji(stringOf(text))}`,
  link: ({ url, text }) => link(stringOf(url), stringOf(text) || stringOf(url)),
  emoji: ({ name }) => html`${emoji(stringOf(name))}`,
  user: ({ user_id }, viewer) => mention("@", userName(viewer, stringOf(user_id)), viewer.me === user_id),
  channel: ({ channel_id }, viewer) => mention("#", channelName(viewer, stringOf(channel_id))),
  usergroup: ({ usergroup_id }) => mention("@", stringOf(usergroup_id)),
  team: ({ team_id }) => mention("@", stringOf(team_id)),
  broadcast: ({ range }) => mention("@", stringOf(range), true),
  date: (node, viewer) => dateLeaf(node, viewer),
  color: ({ value }) =>
    html`<span class="swatch" style="background:${colour(stringOf(value))}"></span>${stringOf(value)}`,
};

function colour(value: string): string {
  return /^#[0-9a-f]{6}$/i.test(value) ? value : "transparent";
}

function dateLeaf({ timestamp, format, url }: Json, viewer: Viewer): Html {
  const link = optional(url);
  return dateHtml({ unix: Number(timestamp), format: stringOf(format), ...(link && { link }) }, viewer);
}

const STYLES: readonly (readonly [string, (inner: Html) => Html])[] = [
  ["code", (inner) => html`<code>${inner}</code>`],
  ["bold", (inner) => html`<b>${inner}</b>`],
  ["italic", (inner) => html`<i>${inner}</i>`],
  ["strike", (inner) => html`<s>${inner}</s>`],
  ["underline", (inner) => html`<u>${inner}</u>`],
];

function leaf(node: Json, viewer: Viewer): Html {
  const style = objectOf(node.style);
  const plain = LEAVES[stringOf(node.type)]?.(node, viewer) ?? html``;
  return STYLES.reduce((inner, [name, wrap]) => (style[name] === true ? wrap(inner) : inner), plain);
}

const leaves: Draw = ({ elements }, viewer) => html`${listOf(elements).map((node) => leaf(node, viewer))}`;

const PARTS: Readonly<Record<string, Draw>> = {
  rich_text_section: (node, viewer) => html`<p class="line">${leaves(node, viewer)}</p>`,
  rich_text_preformatted: (node, viewer) => html`<pre>${leaves(node, viewer)}</pre>`,
  rich_text_quote: (node, viewer) => html`<blockquote>${leaves(node, viewer)}</blockquote>`,
  rich_text_list: (node, viewer) => list(node, viewer),
};

function list({ style, elements, indent, offset }: Json, viewer: Viewer): Html {
  const items = listOf(elements).map((item) => html`<li>${leaves(item, viewer)}</li>`);
  const margin = `--indent:${Number(indent ?? 0)}`;
  if (style === "ordered")
    return html`<ol style="${margin}" start="${Number(offset ?? 0) + 1}">${items}</ol>`;
  return html`<ul style="${margin}">${items}</ul>`;
}

/** A rich_text block, or the value of a cell or field that is one. */
export function richText(block: Json, viewer: Viewer): Html {
  const parts = listOf(block.elements).map((part) => PARTS[stringOf(part.type)]?.(part, viewer));
  return html`<div class="rich">${parts}</div>`;
}
