import { chart } from "./charts.ts";
import { type Drawing, drawElement } from "./elements.ts";
import { withEmoji } from "./emoji.ts";
import { attribute, type Html, html, safeUrl } from "./html.ts";
import { icon } from "./icons.ts";
import { type Json, listOf, objectOf, optional, plainOf, stringOf } from "./json.ts";
import { markdown } from "./markdown.ts";
import { richText } from "./richText.ts";
import { textObject } from "./texts.ts";
import type { Viewer } from "./viewer.ts";

/** What blocks are drawn with; `errors` are a modal's, by block_id. */
export interface Canvas {
  readonly viewer: Viewer;
  readonly errors?: Readonly<Record<string, string>>;
}

type Draw = (block: Json, canvas: Canvas) => Html;

function drawing({ block_id }: Json, { viewer }: Canvas): Drawing {
  return { viewer, blockId: stringOf(block_id) };
}

function section(block: Json, canvas: Canvas): Html {
  const { text, fields, accessory } = block;
  const main = text !== undefined && html`<div class="text">${textObject(text, canvas.viewer)}</div>`;
  const cells = listOf(fields).map((field) => html`<div>${textObject(field, canvas.viewer)}</div>`);
  const beside =
    accessory !== undefined &&
    html`<div class="accessory">${drawElement(accessory, drawing(block, canvas))}</div>`;
  return html`<div class="section"><div class="body">${main}${cells.length > 0 && html`<div class="fields">${cells}</div>`}</div>${beside}</div>`;
}

const elements: Draw = (block, canvas) =>
  html`<div class="actions">${listOf(block.elements).map((element) => drawElement(element, drawing(block, canvas)))}</div>`;

function context(block: Json, canvas: Canvas): Html {
  const parts = listOf(block.elements).map((element) =>
    element.type === "image"
      ? drawElement(element, drawing(block, canvas))
      : html`<span>${textObject(element, canvas.viewer)}</span>`,
  );
  return html`<div class="context">${parts}</div>`;
}

/** Images are on other machines, and this page loads nothing from there: it shows that one is here. */
function image({ title, alt_text, image_url }: Json): Html {
  const caption = plainOf(title);
  return html`<figure class="image">
    ${caption && html`<figcaption>${withEmoji(caption)}</figcaption>`}
    <div class="picture" title="${stringOf(image_url)}">${icon("image")}<span>${stringOf(alt_text)}</span></div>
  </figure>`;
}

function input(block: Json, canvas: Canvas): Html {
  const { label, hint, element, block_id } = block;
  const error = canvas.errors?.[stringOf(block_id)];
  // Ids in HTML have no spaces, and one element stands in one input.
  const id = `input-${stringOf(block_id).replaceAll(/\s/g, "-")}`;
  const isOptional = block.optional === true;
  const dispatch = attribute("data-dispatch", block.dispatch_action === true);
  const key = attribute("data-key", stringOf(block_id));
  return html`<div class="input${error === undefined ? "" : " wrong"}"${dispatch}${key}>
    <label id="${id}-label" for="${id}">${withEmoji(plainOf(label))}${isOptional && html` <small>(optional)</small>`}</label>
    ${drawElement(element, { ...drawing(block, canvas), isRequired: !isOptional, isWrong: error !== undefined, id })}
    ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
    ${hint !== undefined && html`<p class="hint">${withEmoji(plainOf(hint))}</p>`}
  </div>`;
}

function cell(value: Json, { viewer }: Canvas): Html {
  if (value.type === "rich_text") return richText(value, viewer);
  return html`${stringOf(value.text) || stringOf(value.value)}`;
}

function table({ rows, column_settings, caption }: Json, canvas: Canvas): Html {
  const settings = Array.isArray(column_settings) ? column_settings : [];
  const row = (cells: unknown, tag: "th" | "td") => {
    const drawn = listOf(cells).map((one, column) => {
      const align = stringOf(objectOf(settings[column]).align) || "left";
      const content = cell(one, canvas);
      return tag === "th"
        ? html`<th class="${align}">${content}</th>`
        : html`<td class="${align}">${content}</td>`;
    });
    return html`<tr>${drawn}</tr>`;
  };
  const [header, ...rest] = Array.isArray(rows) ? rows : [];
  const title = caption !== undefined && html`<caption>${stringOf(caption)}</caption>`;
  return html`<div class="table"><table>
    ${title}
    <thead>${row(header, "th")}</thead>
    <tbody>${rest.map((cells) => row(cells, "td"))}</tbody>
  </table></div>`;
}

function card(block: Json, canvas: Canvas): Html {
  const line = (name: "title" | "subtitle" | "body") => {
    const text = block[name];
    return text !== undefined && html`<div class="${name}">${textObject(text, canvas.viewer)}</div>`;
  };
  const hero = block.hero_image !== undefined && image(objectOf(block.hero_image));
  const actions = block.actions !== undefined && elements({ ...block, elements: block.actions }, canvas);
  return html`<div class="card">${hero}${line("title")}${line("subtitle")}${line("body")}${actions}</div>`;
}

function container(block: Json, canvas: Canvas): Html {
  const title =
    block.rich_text_title === undefined
      ? html`<b>${withEmoji(plainOf(block.title))}</b>`
      : richText(objectOf(block.rich_text_title), canvas.viewer);
  const subtitle =
    block.subtitle !== undefined &&
    html`<div class="subtitle">${textObject(block.subtitle, canvas.viewer)}</div>`;
  const inside = drawBlocks(block.child_blocks, canvas);
  if (block.is_collapsible !== true) return html`<div class="container">${title}${subtitle}${inside}</div>`;
  const open = attribute("open", block.default_collapsed !== true);
  return html`<details class="container"${open}><summary>${title}${subtitle}</summary>${inside}</details>`;
}

const STATUS_SIGNS: Readonly<Record<string, string>> = {
  pending: "○",
  in_progress: "◐",
  complete: "✓",
  error: "✕",
};

function task({ title, status, details, output }: Json, { viewer }: Canvas): Html {
  const more = [details, output]
    .filter((part) => part !== undefined)
    .map((part) => richText(objectOf(part), viewer));
  const sign = STATUS_SIGNS[stringOf(status)] ?? "○";
  return html`<div class="task ${stringOf(status)}">
    <span class="sign">${sign}</span>
    <div class="title">${stringOf(title)}${more}</div>
  </div>`;
}

function plan({ title, tasks }: Json, canvas: Canvas): Html {
  return html`<div class="container"><b>${stringOf(title)}</b>${listOf(tasks).map((one) => task(one, canvas))}</div>`;
}

function video({ title, video_url, description }: Json): Html {
  const link = html`<a href="${safeUrl(stringOf(video_url))}" target="_blank" rel="noreferrer">${plainOf(title)}</a>`;
  return html`<figure class="image">
    <figcaption>${link}</figcaption>
    <div class="picture">▶ <span>${plainOf(description)}</span></div>
  </figure>`;
}

const BLOCKS: Readonly<Record<string, Draw>> = {
  header: ({ text, level }) => html`<h3 class="level${Number(level ?? 1)}">${withEmoji(plainOf(text))}</h3>`,
  section,
  divider: () => html`<hr>`,
  actions: elements,
  context_actions: elements,
  context,
  image,
  input,
  rich_text: (block, { viewer }) => richText(block, viewer),
  markdown: ({ text }) => markdown(stringOf(text)),
  alert: ({ text, level }, { viewer }) =>
    html`<div class="alert ${stringOf(level) || "default"}" role="alert">${textObject(text, viewer)}</div>`,
  card,
  carousel: ({ elements: cards }, canvas) =>
    html`<div class="carousel">${listOf(cards).map((one) => card(one, canvas))}</div>`,
  container,
  table,
  data_table: table,
  data_visualization: chart,
  task_card: task,
  plan,
  video,
};

/** Blocks of any surface, in order; each carries its id, so that a picture can be matched with the payload. */
export function drawBlocks(blocks: unknown, canvas: Canvas): Html {
  const drawn = listOf(blocks).map((block) => {
    const type = stringOf(block.type);
    const key = attribute("data-key", (type === "input" && optional(block.block_id)) || undefined);
    const content = BLOCKS[type]?.(block, canvas) ?? html`<span class="unknown">${type}</span>`;
    return html`<div class="block" data-type="${type}"${key}>${content}</div>`;
  });
  return html`<div class="blocks">${drawn}</div>`;
}
