import { isDeepStrictEqual } from "node:util";
import {
  anyOf,
  below,
  boolean,
  type Check,
  exactlyOneOf,
  isObject,
  type JsonObject,
  list,
  object,
  oneOf,
  type Rule,
  refuse,
  string,
} from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { anyText, plainText, url } from "./text.ts";

export const buttonStyle = oneOf("primary", "danger");

/**
 * A confirmation dialog. All four texts are required, as the documentation has it,
 * although the published types make three of them optional.
 */
export const confirm = object(
  {
    title: plainText(LIMITS.confirm.title),
    text: anyText(LIMITS.confirm.text),
    confirm: plainText(LIMITS.confirm.confirm),
    deny: plainText(LIMITS.confirm.deny),
  },
  { style: buttonStyle },
);

const value = string({ max: LIMITS.option.value });

/** An option of a select menu. */
export const option = object(
  { text: plainText(LIMITS.option.text), value },
  { description: plainText(LIMITS.option.description) },
);

/** An option of an overflow menu, which alone may be a link. */
export const overflowOption = object(
  { text: plainText(LIMITS.option.text), value },
  { description: plainText(LIMITS.option.description), url: url() },
);

/** An option of checkboxes or radio buttons, which alone may use mrkdwn. */
export const choiceOption = object(
  { text: anyText(LIMITS.option.text), value },
  { description: anyText(LIMITS.option.description) },
);

export const optionGroup = object({
  label: plainText(LIMITS.optionGroup.label),
  options: list(option, { max: LIMITS.select.options }),
});

export const placeholder = plainText(LIMITS.placeholder);

export const dispatchActionConfig = object({
  trigger_actions_on: list(oneOf("on_enter_pressed", "on_character_entered"), { max: 2 }),
});

export const conversationFilter = object(
  {},
  {
    include: list(oneOf("im", "mpim", "private", "public")),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
  anyOf("include", "exclude_external_shared_channels", "exclude_bot_users"),
);

const slackFile = object({}, { url: url(), id: string() }, exactlyOneOf("url", "id"));

/** The fields that image blocks and image elements share. */
export const imageSource = { image_url: url(), slack_file: slackFile };
export const hasImageSource: Rule = exactlyOneOf("image_url", "slack_file");

/** An image inside another block; no `action_id`, it cannot be pressed. */
export const imageElement: Check = object(
  { type: oneOf("image"), alt_text: string({ max: LIMITS.image.alt }) },
  imageSource,
  hasImageSource,
);

/** `initial_option` and `initial_options` have to be among the options, word for word. */
export const initialIsOffered: Rule = (element, at, context) => {
  const offered = offeredOptions(element);
  for (const [field, chosen] of initialOptions(element)) {
    if (offered.some((candidate) => isDeepStrictEqual(candidate, chosen))) continue;
    refuse(context, below(at, field), "not_offered", "must match one of the options exactly");
  }
};

function offeredOptions(element: JsonObject): unknown[] {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  return [element, ...groups]
    .filter(isObject)
    .flatMap(({ options }) => (Array.isArray(options) ? options : []));
}

function initialOptions({ initial_option, initial_options }: JsonObject): [string, unknown][] {
  const several = Array.isArray(initial_options) ? initial_options : [];
  return [
    ...(initial_option === undefined ? [] : [["initial_option", initial_option] satisfies [string, unknown]]),
    ...several.map((chosen): [string, unknown] => ["initial_options", chosen]),
  ];
}
