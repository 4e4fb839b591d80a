import { isObject, objectsOf, stringOf } from "./json.ts";
import type { Choice, Json } from "./types.ts";

/** How an element's choice is named in payloads, and in what field the element holds its first one. */
interface ValueField {
  readonly field: string;
  readonly initial: string;
  /** @throws Error when the element does not offer that */
  read(choice: Choice, element: Json): unknown;
  /** Buttons and overflow menus are pressed and forgotten: they are no part of the state. */
  readonly stateless?: true;
}

const one: ValueField["read"] = ({ value }) => value ?? null;
const many: ValueField["read"] = ({ values, value }) => values ?? (value === undefined ? [] : [value]);
const numeric: ValueField["read"] = ({ value }) => (value === undefined ? null : Number(value));

const option: ValueField["read"] = ({ value }, element) =>
  value === undefined ? null : offered(element, value);

const options: ValueField["read"] = ({ values, value }, element) =>
  (values ?? (value === undefined ? [] : [value])).map((each) => offered(element, each));

function field(
  name: string,
  read: ValueField["read"],
  initial = name.replace("selected", "initial"),
): ValueField {
  return { field: name, initial, read };
}

const typed = field("value", one, "initial_value");

const FIELDS: Readonly<Record<string, ValueField>> = {
  button: { ...field("value", (_, { value }) => value, ""), stateless: true },
  icon_button: { ...field("value", (_, { value }) => value, ""), stateless: true },
  feedback_buttons: { ...field("value", one, ""), stateless: true },
  workflow_button: { ...field("value", () => undefined, ""), stateless: true },
  overflow: { ...field("selected_option", option), stateless: true },
  static_select: field("selected_option", option),
  external_select: field("selected_option", ({ value }) => (value === undefined ? null : typedOption(value))),
  radio_buttons: field("selected_option", option),
  multi_static_select: field("selected_options", options),
  multi_external_select: field("selected_options", ({ values = [] }) => values.map(typedOption)),
  checkboxes: field("selected_options", options),
  users_select: field("selected_user", one),
  conversations_select: field("selected_conversation", one),
  channels_select: field("selected_channel", one),
  multi_users_select: field("selected_users", many),
  multi_conversations_select: field("selected_conversations", many),
  multi_channels_select: field("selected_channels", many),
  datepicker: field("selected_date", one),
  timepicker: field("selected_time", one),
  datetimepicker: field("selected_date_time", numeric),
  plain_text_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  number_input: typed,
  rich_text_input: field("rich_text_value", one, "initial_value"),
  file_input: field("files", many, ""),
};

/** What the choice puts into the payload, e.g. `{selected_option: {…}}`. @throws Error when it is not offered */
export function choose(element: Json, choice: Choice): Json {
  const { field: name, read } = fieldOf(element);
  const value = read(choice, element);
  return value === undefined ? {} : { [name]: value };
}

/** The element's state before anyone touched it; undefined for elements that have none. */
export function untouched(element: Json): Json | undefined {
  const { field: name, initial, stateless } = fieldOf(element);
  if (stateless) return undefined;
  const empty = name.endsWith("s") ? [] : null;
  return { [name]: element[initial] ?? empty };
}

/** Whether nothing is chosen or typed. */
export function isEmpty(state: Json | undefined): boolean {
  const values = Object.entries(state ?? {}).flatMap(([name, value]) => (name === "type" ? [] : [value]));
  return values.every(
    (value) => value === null || value === "" || (Array.isArray(value) && value.length === 0),
  );
}

function fieldOf({ type }: Json): ValueField {
  const found = FIELDS[String(type)];
  if (found === undefined) throw new Error(`nobody can act on an element of type ${String(type)}`);
  return found;
}

/** The options of a select, whether grouped or not. */
function optionsOf(element: Json): Json[] {
  return [
    ...objectsOf(element.options),
    ...objectsOf(element.option_groups).flatMap((group) => objectsOf(group.options)),
  ];
}

function offered(element: Json, value: string): Json {
  const all = optionsOf(element);
  const found = all.find((each) => each.value === value);
  if (found !== undefined) return found;
  const names = all.map((each) => stringOf(each.value) ?? "?").join(", ");
  throw new Error(`${String(element.action_id)} does not offer ${value}; it offers ${names || "nothing"}`);
}

function typedOption(value: string): Json {
  return { text: { type: "plain_text", text: value, emoji: true }, value };
}

/**
 * Why Slack's own client would not send this value off; undefined when it would.
 * These checks are the client's: the app never hears of such a value.
 */
export function complaint(element: Json, state: Json): string | undefined {
  const value = stringOf(state.value) ?? "";
  if (value === "") return undefined;
  const min = Number(element.min_length ?? 0);
  const max = Number(element.max_length ?? 3000);
  if (value.length < min || value.length > max) return `wants ${min} to ${max} characters`;
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return "wants an e-mail address";
  if (element.type === "url_text_input" && !URL.canParse(value)) return "wants a URL";
  return element.type === "number_input" ? numberComplaint(element, value) : undefined;
}

function numberComplaint(element: Json, value: string): string | undefined {
  const number = Number(value);
  if (!Number.isFinite(number)) return "wants a number";
  if (element.is_decimal_allowed !== true && !Number.isInteger(number)) return "wants a whole number";
  const low = Number(element.min_value ?? Number.NEGATIVE_INFINITY);
  const high = Number(element.max_value ?? Number.POSITIVE_INFINITY);
  return number < low || number > high ? `wants a number from ${low} to ${high}` : undefined;
}

/** A value given in a test or script, as a choice. @throws Error when it is no string, list of strings or number */
export function choiceOf(value: unknown): Choice {
  if (value === null || value === undefined) return {};
  if (typeof value === "string") return { value };
  if (typeof value === "number") return { value: String(value) };
  if (Array.isArray(value)) return { values: value.map(String) };
  if (isObject(value) && typeof value.value === "string") return { value: value.value };
  throw new Error(`a value is a string, a number or a list of strings, not ${JSON.stringify(value)}`);
}
