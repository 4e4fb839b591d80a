import { withEmoji } from "./emoji.ts";
import { attribute, type Html, html, safeUrl } from "./html.ts";
import { icon } from "./icons.ts";
import { type Json, listOf, objectOf, optional, plainOf, stringOf } from "./json.ts";
import { textObject } from "./texts.ts";
import type { Viewer } from "./viewer.ts";

/** What an element is drawn with: who looks, and the state that the view or message keeps for it. */
export interface Drawing {
  readonly viewer: Viewer;
  readonly blockId: string;
  /** An input that must not be left empty; the browser sees to it. */
  readonly isRequired?: boolean;
  /** What an input's label is for; elements elsewhere have no label, and are called by their placeholder. */
  readonly id?: string;
  /** Whether the app said something about what was entered. */
  readonly isWrong?: boolean;
}

type Draw = (element: Json, drawing: Drawing) => Html;

/**
 * Every element carries where it belongs and, if it asks first, its confirmation dialog.
 * The page's script acts on these attributes alone, so it need not know how an element is drawn.
 */
function acts(element: Json, { blockId }: Drawing): Html {
  const confirm = element.confirm === undefined ? undefined : JSON.stringify(element.confirm);
  const about = html` data-element="${stringOf(element.type)}" data-block="${blockId}"`;
  return html`${about} data-action="${stringOf(element.action_id)}"${attribute("data-confirm", confirm)}`;
}

function named({ placeholder }: Json, { id, isWrong }: Drawing): Html {
  if (id !== undefined && isWrong)
    return html` id="${id}" aria-invalid="true" aria-describedby="${id}-error"`;
  if (id !== undefined) return html` id="${id}"`;
  return attribute("aria-label", plainOf(placeholder) || "Choose");
}

/** For a group of boxes, which no label can be for. */
function namedGroup({ placeholder }: Json, { id }: Drawing): Html {
  const name =
    id === undefined
      ? attribute("aria-label", plainOf(placeholder) || "Choose")
      : attribute("aria-labelledby", `${id}-label`);
  return html` role="group"${name}`;
}

/** For the elements that the browser itself can refuse when they are empty. */
function fills(element: Json, drawing: Drawing): Html {
  const required = attribute("required", drawing.isRequired);
  return html`${acts(element, drawing)}${named(element, drawing)}${required}${attribute("autofocus", element.focus_on_load === true)}`;
}

const styleOf = ({ style }: Json) => (style === "primary" || style === "danger" ? ` ${style}` : "");

function button(element: Json, drawing: Drawing): Html {
  const label = withEmoji(plainOf(element.text));
  const value = attribute("data-value", optional(element.value));
  const spoken = attribute("aria-label", optional(element.accessibility_label));
  const about = html`${acts(element, drawing)}${value}${spoken}`;
  const url = optional(element.url);
  const look = html`class="button${styleOf(element)}"`;
  if (url === undefined) return html`<button type="button" ${look}${about}>${label}</button>`;
  const to = html`href="${safeUrl(url)}" target="_blank" rel="noreferrer"`;
  return html`<a ${look}${about} ${to}>${label}<span class="out">↗</span></a>`;
}

function feedback(element: Json, drawing: Drawing): Html {
  const one = (name: "positive_button" | "negative_button") => {
    const { text, value } = objectOf(element[name]);
    const about = html`data-value="${stringOf(value)}"${acts(element, drawing)} title="${plainOf(text)}" aria-label="${plainOf(text)}"`;
    const thumb = icon(name === "positive_button" ? "up" : "down");
    return html`<button type="button" class="icon" ${about}>${thumb}</button>`;
  };
  return html`${one("positive_button")}${one("negative_button")}`;
}

function iconButton(element: Json, drawing: Drawing): Html {
  const value = attribute("data-value", optional(element.value));
  return html`<button type="button" class="icon"${acts(element, drawing)}${value} title="${plainOf(element.text)}" aria-label="${plainOf(element.text)}">${icon("trash")}</button>`;
}

interface Choice {
  value: string;
  label: string;
}

const choiceOf = (option: Json): Choice => ({
  value: stringOf(option.value),
  label: withEmoji(plainOf(option.text)),
});

type Source = (viewer: Viewer) => Choice[];
const channels: Source = (viewer) =>
  viewer.channels
    .filter(({ kind }) => kind !== "im")
    .map(({ id, name }) => ({ value: id, label: `#${name}` }));

/** Channels, and the direct conversation with the app, which Slack's client calls by the app's name. */
const conversations: Source = (viewer) => {
  const app = viewer.users.find(({ isBot }) => isBot)?.name ?? "app";
  const direct = viewer.channels.filter(({ kind }) => kind === "im");
  return [...channels(viewer), ...direct.map(({ id }) => ({ value: id, label: app }))];
};

const SOURCES: Readonly<Record<string, Source>> = {
  users_select: ({ users }) => users.map(({ id, name }) => ({ value: id, label: `@${name}` })),
  channels_select: channels,
  conversations_select: conversations,
};

/** All that a select offers, grouped or not. */
function choicesOf(element: Json, { viewer }: Drawing): Choice[] {
  const source = SOURCES[stringOf(element.type).replace("multi_", "")];
  if (source) return source(viewer);
  const grouped = listOf(element.option_groups).flatMap(({ options }) => listOf(options));
  return [...listOf(element.options), ...grouped].map(choiceOf);
}

function optionsOf(element: Json, initial: readonly string[], drawing: Drawing): Html {
  const one = ({ value, label }: Choice) =>
    html`<option value="${value}"${attribute("selected", initial.includes(value))}>${label}</option>`;
  if (element.option_groups === undefined) return html`${choicesOf(element, drawing).map(one)}`;
  const group = ({ label, options }: Json) =>
    html`<optgroup label="${withEmoji(plainOf(label))}">${listOf(options).map(choiceOf).map(one)}</optgroup>`;
  return html`${listOf(element.option_groups).map(group)}`;
}

function initialOf(element: Json, { viewer }: Drawing): string[] {
  const { place } = viewer;
  const here = element.default_to_current_conversation === true && place !== undefined ? [place] : [];
  const initial = declaredInitialOf(element);
  return initial.length > 0 ? initial : here;
}

function declaredInitialOf(element: Json): string[] {
  const named = [element.initial_user, element.initial_channel, element.initial_conversation];
  const several = [element.initial_users, element.initial_channels, element.initial_conversations].flat();
  const options = [objectOf(element.initial_option), ...listOf(element.initial_options)].map(
    ({ value }) => value,
  );
  return [...named, ...several, ...options].map(stringOf).filter((value) => value !== "");
}

function select(element: Json, drawing: Drawing): Html {
  const initial = initialOf(element, drawing);
  const hint = plainOf(element.placeholder) || "Select an option";
  const isEmpty = attribute("selected", initial.length === 0);
  const empty = html`<option value=""${isEmpty} class="empty">${hint}</option>`;
  return html`<span class="select"><select${fills(element, drawing)}>${empty}${optionsOf(element, initial, drawing)}</select></span>`;
}

/** A list to tick, as a select that takes many is a nuisance without a keyboard. */
function multiSelect(element: Json, drawing: Drawing): Html {
  const initial = initialOf(element, drawing);
  const items = choicesOf(element, drawing).map(
    ({ value, label }) =>
      html`<label><input type="checkbox" value="${value}"${attribute("checked", initial.includes(value))}><span>${label}</span></label>`,
  );
  return html`<span class="choices many"${acts(element, drawing)}${namedGroup(element, drawing)} title="${plainOf(element.placeholder)}">${items}</span>`;
}

/** Slack asks the app from so many characters on, unless the element says otherwise. */
const LEAST_TYPED = 3;

/** The options come from the app while one types; the page's script asks for them. */
function externalSelect(element: Json, drawing: Drawing): Html {
  const { blockId, isRequired = false } = drawing;
  const placeholder = plainOf(element.placeholder) || "Type to search";
  const first = [objectOf(element.initial_option), ...listOf(element.initial_options)]
    .map(choiceOf)
    .filter(({ value }) => value !== "")
    .map(({ value, label }) => ({ value, text: label }));
  const isMany = stringOf(element.type).startsWith("multi_");
  const list = `list-${blockId}-${stringOf(element.action_id)}`.replaceAll(/\s/g, "-");
  const chips = first.map(
    ({ value, text }) =>
      html`<span class="chip">${text} <button type="button" class="icon" data-untake="${value}" aria-label="Remove ${text}">✕</button></span>`,
  );
  const about = html`${named(element, drawing)}${attribute("required", isRequired && !(isMany && first.length > 0))}`;
  const start = isMany ? "" : (first[0]?.text ?? "");
  const least = typeof element.min_query_length === "number" ? element.min_query_length : LEAST_TYPED;
  return html`<span class="typeahead" data-own${acts(element, drawing)} data-least="${least}" data-chosen="${JSON.stringify(first)}"${attribute("data-required", isRequired)}>
    <span class="taken">${isMany && chips}</span>
    <input type="text" role="combobox" autocomplete="off" aria-autocomplete="list" aria-expanded="false" aria-controls="${list}" value="${start}" placeholder="${placeholder}"${about}>
    <span role="listbox" class="suggestions" id="${list}" aria-label="${placeholder}" hidden></span>
  </span>`;
}

function overflow(element: Json, drawing: Drawing): Html {
  const items = listOf(element.options).map((option) => {
    const { value, label } = choiceOf(option);
    const about = html`class="item"${acts(element, drawing)} data-value="${value}"`;
    const url = optional(option.url);
    if (url === undefined) return html`<button type="button" ${about}>${label}</button>`;
    return html`<a ${about} href="${safeUrl(url)}" target="_blank" rel="noreferrer">${label}</a>`;
  });
  return html`<details class="overflow"><summary class="button" aria-label="More">⋯</summary><div class="menu">${items}</div></details>`;
}

function choices(element: Json, drawing: Drawing): Html {
  const kind = element.type === "checkboxes" ? "checkbox" : "radio";
  const initial = initialOf(element, drawing);
  const name = `${drawing.blockId}:${stringOf(element.action_id)}`;
  const items = listOf(element.options).map((option) => {
    const { value } = choiceOf(option);
    const checked = attribute("checked", initial.includes(value));
    const description =
      option.description !== undefined &&
      html`<small>${textObject(option.description, drawing.viewer)}</small>`;
    const label = html`<span>${textObject(option.text, drawing.viewer)}${description}</span>`;
    return html`<label><input type="${kind}" name="${name}" value="${value}"${checked}>${label}</label>`;
  });
  return html`<span class="choices"${acts(element, drawing)}${namedGroup(element, drawing)}>${items}</span>`;
}

/** A single-line field of the browser's own. */
function field(
  type: string,
  initial: (element: Json) => string = ({ initial_value }) => stringOf(initial_value),
): Draw {
  return (element, drawing) => {
    const length = html`${attribute("minlength", optional(element.min_length))}${attribute("maxlength", optional(element.max_length))}`;
    const range = html`${attribute("min", optional(element.min_value))}${attribute("max", optional(element.max_value))}`;
    const step = attribute("step", element.is_decimal_allowed === true ? "any" : undefined);
    const about = html`${fills(element, drawing)}${length}${range}${step}`;
    return html`<input type="${type}" value="${initial(element)}" placeholder="${plainOf(element.placeholder)}"${about}>`;
  };
}

function dateTime({ initial_date_time }: Json): string {
  if (typeof initial_date_time !== "number") return "";
  const local = new Date(initial_date_time * 1000);
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`;
  return `${day}T${pad(local.getHours())}:${pad(local.getMinutes())}`;
}

function plainTextInput(element: Json, drawing: Drawing): Html {
  if (element.multiline !== true) return field("text")(element, drawing);
  return area(element, drawing, stringOf(element.initial_value));
}

function area(element: Json, drawing: Drawing, initial: string): Html {
  const about = html`${fills(element, drawing)}${attribute("maxlength", optional(element.max_length))}`;
  return html`<textarea rows="4" placeholder="${plainOf(element.placeholder)}"${about}>${initial}</textarea>`;
}

const image: Draw = ({ alt_text }) =>
  html`<span class="picture small" title="${stringOf(alt_text)}">${icon("image")}</span>`;

const ELEMENTS: Readonly<Record<string, Draw>> = {
  button,
  workflow_button: button,
  feedback_buttons: feedback,
  icon_button: iconButton,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  external_select: externalSelect,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_channels_select: multiSelect,
  multi_conversations_select: multiSelect,
  multi_external_select: externalSelect,
  overflow,
  checkboxes: choices,
  radio_buttons: choices,
  datepicker: field("date", ({ initial_date }) => stringOf(initial_date)),
  timepicker: field("time", ({ initial_time }) => stringOf(initial_time)),
  datetimepicker: field("datetime-local", dateTime),
  plain_text_input: plainTextInput,
  rich_text_input: (element, drawing) => area(element, drawing, ""),
  email_text_input: field("email"),
  url_text_input: field("url"),
  number_input: field("number"),
  file_input: field("file", () => ""),
  image,
};

/** An element that people press, pick from or type into. */
export function drawElement(value: unknown, drawing: Drawing): Html {
  const element = objectOf(value);
  const draw = ELEMENTS[stringOf(element.type)];
  return draw ? draw(element, drawing) : html`<span class="unknown">${stringOf(element.type)}</span>`;
}
