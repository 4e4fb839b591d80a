import {
  below,
  boolean,
  byType,
  type Check,
  type Context,
  exactlyOneOf,
  integer,
  isObject,
  list,
  object,
  oneOf,
  pattern,
  type Rule,
  refuse,
  type Surface,
  string,
} from "./checks.ts";
import {
  buttonStyle,
  choiceOption,
  confirm,
  conversationFilter,
  dispatchActionConfig,
  imageElement,
  initialIsOffered,
  option,
  optionGroup,
  overflowOption,
  placeholder,
} from "./composition.ts";
import { LIMITS } from "./limits.ts";
import { richText } from "./richText.ts";
import { channelId, conversationId, plainText, url, userId } from "./text.ts";

/** The field of a block that an element stands in. */
export type Place = "accessory" | "actions" | "context" | "context_actions" | "input" | "card";

interface Element {
  check: Check;
  places: readonly Place[];
  /** Everywhere, unless told. */
  surfaces?: readonly Surface[];
}

type Fields = Readonly<Record<string, Check>>;

/** An element that sends something: it may have an `action_id`. */
function element(
  type: string,
  required: Fields,
  optional: Fields,
  ...rules: readonly Rule[]
): [string, Check] {
  const shared = { action_id: string({ max: LIMITS.id.action }) };
  return [type, object({ type: oneOf(type), ...required }, { ...shared, ...optional }, ...rules)];
}

const focus_on_load = boolean;
const choosing = { confirm, focus_on_load };
const selecting = { ...choosing, placeholder };
const typing = { focus_on_load, placeholder, dispatch_action_config: dispatchActionConfig };
const several = { max_selected_items: integer({ min: 1 }) };
const labelled = { accessibility_label: string({ max: LIMITS.button.label }) };
const buttonText = plainText(LIMITS.button.text);
const buttonValue = string({ max: LIMITS.button.value });

/** `low` must not be above `high`; both may be numbers or numbers in strings. */
function ordered(low: string, high: string): Rule {
  return (value, at, context) => {
    if (Number(value[low]) > Number(value[high]))
      refuse(context, below(at, low), "out_of_range", `cannot be greater than ${high}`);
  };
}

const choices = list(choiceOption, { max: LIMITS.choices.options });
const selectOptions = {
  options: list(option, { max: LIMITS.select.options }),
  option_groups: list(optionGroup, { max: LIMITS.select.groups }),
};
const hasOptions = exactlyOneOf("options", "option_groups");
const minQuery = { min_query_length: integer({ min: 0 }) };
const conversations = { default_to_current_conversation: boolean, filter: conversationFilter };
const respondable = { response_url_enabled: boolean };

const selects = [
  element(
    "static_select",
    {},
    { ...selecting, ...selectOptions, initial_option: option },
    hasOptions,
    initialIsOffered,
  ),
  element("external_select", {}, { ...selecting, ...minQuery, initial_option: option }),
  element("users_select", {}, { ...selecting, initial_user: userId }),
  element(
    "conversations_select",
    {},
    { ...selecting, ...conversations, ...respondable, initial_conversation: conversationId },
  ),
  element("channels_select", {}, { ...selecting, ...respondable, initial_channel: channelId }),
];

const multiSelects = [
  element(
    "multi_static_select",
    {},
    { ...selecting, ...several, ...selectOptions, initial_options: list(option) },
    hasOptions,
    initialIsOffered,
  ),
  element(
    "multi_external_select",
    {},
    { ...selecting, ...several, ...minQuery, initial_options: list(option) },
  ),
  element("multi_users_select", {}, { ...selecting, ...several, initial_users: list(userId) }),
  element(
    "multi_conversations_select",
    {},
    { ...selecting, ...several, ...conversations, initial_conversations: list(conversationId) },
  ),
  element("multi_channels_select", {}, { ...selecting, ...several, initial_channels: list(channelId) }),
];

const pickers = [
  element(
    "checkboxes",
    { options: choices },
    { ...choosing, initial_options: list(choiceOption) },
    initialIsOffered,
  ),
  element(
    "radio_buttons",
    { options: choices },
    { ...choosing, initial_option: choiceOption },
    initialIsOffered,
  ),
  element(
    "datepicker",
    {},
    { ...selecting, initial_date: pattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "YYYY-MM-DD") },
  ),
  element(
    "timepicker",
    {},
    { ...selecting, initial_time: pattern(/^([01]\d|2[0-3]):[0-5]\d$/, "HH:mm"), timezone: string() },
  ),
];

const dateTimePicker = element(
  "datetimepicker",
  {},
  { ...choosing, initial_date_time: integer({ min: 1_000_000_000, max: 9_999_999_999 }) },
);

const overflow = element(
  "overflow",
  { options: list(overflowOption, { max: LIMITS.overflow.options }) },
  { confirm },
);

const button = element(
  "button",
  { text: buttonText },
  { ...labelled, url: url(), value: buttonValue, style: buttonStyle, confirm },
);

const workflowButton = element(
  "workflow_button",
  {
    text: buttonText,
    workflow: object({
      trigger: object(
        { url: url() },
        { customizable_input_parameters: list(object({ name: string(), value: string() }), { min: 0 }) },
      ),
    }),
  },
  { ...labelled, style: buttonStyle, confirm },
);

const feedbackButton = object({ text: buttonText, value: buttonValue }, labelled);

const contextActions = [
  element("feedback_buttons", { positive_button: feedbackButton, negative_button: feedbackButton }, {}),
  element(
    "icon_button",
    { icon: oneOf("trash"), text: buttonText },
    { ...labelled, value: buttonValue, confirm, visible_to_user_ids: list(userId, { min: 0 }) },
  ),
];

const inputLength = integer({ min: 0, max: LIMITS.plainTextInput.length });
const plainTextInput = element(
  "plain_text_input",
  {},
  {
    ...typing,
    initial_value: string({ min: 0, max: LIMITS.plainTextInput.length }),
    multiline: boolean,
    min_length: inputLength,
    max_length: integer({ min: 1, max: LIMITS.plainTextInput.length }),
  },
  ordered("min_length", "max_length"),
);

const lines = integer({ min: 1, max: LIMITS.richTextInput.lines });
const richTextInput = element(
  "rich_text_input",
  {},
  { ...typing, initial_value: richText, min_lines: lines, max_lines: lines },
  ordered("min_lines", "max_lines"),
);

const decimal = pattern(/^-?\d+(\.\d+)?$/, "a number in a string");
const modalInputs = [
  element("email_text_input", {}, { ...typing, initial_value: string({ min: 0 }) }),
  element("url_text_input", {}, { ...typing, initial_value: string({ min: 0 }) }),
  element(
    "number_input",
    { is_decimal_allowed: boolean },
    { ...typing, initial_value: decimal, min_value: decimal, max_value: decimal },
    ordered("min_value", "max_value"),
  ),
  element(
    "file_input",
    {},
    { filetypes: list(string()), max_files: integer({ min: 1, max: LIMITS.fileInput.files }) },
  ),
];

function standing(
  places: readonly Place[],
  elements: readonly [string, Check][],
  surfaces?: readonly Surface[],
): [string, Element][] {
  return elements.map(([type, check]) => [type, { check, places, ...(surfaces && { surfaces }) }]);
}

/** Each element, with the places and the surfaces where Slack takes it. */
const ELEMENTS: ReadonlyMap<string, Element> = new Map([
  ...standing(["accessory", "actions", "input"], [...selects, ...multiSelects, ...pickers]),
  ...standing(["actions", "input"], [dateTimePicker], ["message", "modal"]),
  ...standing(["accessory", "actions"], [overflow]),
  ...standing(["accessory", "actions", "card"], [button]),
  ...standing(["accessory", "actions"], [workflowButton], ["message"]),
  ...standing(["context_actions"], contextActions, ["message"]),
  ...standing(["accessory", "context"], [["image", imageElement]]),
  ...standing(["input"], [plainTextInput]),
  ...standing(["input"], [richTextInput], ["modal", "home"]),
  ...standing(["input"], modalInputs, ["modal"]),
]);

/** Passes elements that may stand in this place, on the surface at hand. */
export function elementIn(place: Place): Check {
  const guarded = [...ELEMENTS].map(([type, entry]): [string, Check] => [type, guard(type, entry, place)]);
  return byType(Object.fromEntries(guarded));
}

function guard(type: string, { check, places, surfaces }: Element, place: Place): Check {
  return (value, at, context) => {
    if (!places.includes(place))
      return refuse(context, below(at, "type"), "not_allowed_here", `${type} is not allowed in ${place}`);
    if (surfaces && !surfaces.includes(context.surface))
      refuse(
        context,
        below(at, "type"),
        "not_allowed_here",
        `${type} is not allowed in a ${context.surface}`,
      );
    check(value, at, context);
    checkResponseUrl(value, place, at, context);
  };
}

/** `response_url_enabled` works in the inputs of a modal only. */
function checkResponseUrl(value: unknown, place: Place, at: string, context: Context): void {
  if (!isObject(value) || value.response_url_enabled !== true) return;
  if (place === "input" && context.surface === "modal") return;
  const message = "response_url_enabled is only allowed in an input of a modal";
  refuse(context, below(at, "response_url_enabled"), "not_allowed_here", message);
}
