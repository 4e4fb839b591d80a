import type {
  ConversationsSelect,
  ExternalSelect,
  InputBlock,
  MultiExternalSelect,
  PlainTextInput,
  PlainTextOption,
} from "@slack/types";
import type { OptionsId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { cut, plain, wellFormed } from "./text.ts";

/** The pieces that forms are made of. What a person fills in hangs on the ids, which therefore never change. */

/** The `action_id` of the one element in an input's block. */
export const actionOf = (field: string): string => `form.${field}`;

export const idsOf = (field: string): { action_id: string } => ({ action_id: actionOf(field) });

export const input = (field: string, label: string, element: InputBlock["element"]): InputBlock => ({
  type: "input",
  block_id: field,
  label: plain(label, LIMITS.inputLabel),
  element,
});

/** May be left empty. */
export const optional = (block: InputBlock, hint?: string): InputBlock => ({
  ...block,
  optional: true,
  ...(hint ? { hint: plain(hint, LIMITS.inputHint) } : {}),
});

/** Told of as soon as it's changed: the rest of the form depends on it. */
export const dispatched = (block: InputBlock): InputBlock => ({ ...block, dispatch_action: true });

interface TextOptions {
  initial?: string | undefined;
  placeholder: string;
  isLong?: boolean;
}

export const textInput = (field: string, { initial, placeholder, isLong }: TextOptions): PlainTextInput => ({
  type: "plain_text_input",
  ...idsOf(field),
  placeholder: plain(placeholder, LIMITS.placeholder),
  ...(isLong ? { multiline: true } : {}),
  ...(initial ? { initial_value: cut(wellFormed(initial), LIMITS.inputText) } : {}),
});

/** A field whose options Slack asks us for. */
type SearchedField = OptionsId extends `form.${infer Field}` ? Field : never;

/** Its options are asked for while the person types, and before. */
export function searchable(field: SearchedField, placeholder: string, chosen?: Choice): ExternalSelect {
  const [initial] = chosen ? choice(chosen) : [];
  return {
    type: "external_select",
    ...idsOf(field),
    min_query_length: 0,
    placeholder: plain(placeholder, LIMITS.placeholder),
    ...(initial ? { initial_option: initial } : {}),
  };
}

export function searchableMany(
  field: SearchedField,
  placeholder: string,
  chosen: readonly string[] = [],
): MultiExternalSelect {
  const initial = chosen.flatMap((name) => choice({ value: name, text: name }));
  return {
    type: "multi_external_select",
    ...idsOf(field),
    min_query_length: 0,
    placeholder: plain(placeholder, LIMITS.placeholder),
    ...(initial.length > 0 ? { initial_options: initial } : {}),
  };
}

/** Conversations that a person could type `/arga` in. The answer to the form may then go there. */
export const channelSelect = (field: string, here: string | undefined): ConversationsSelect => ({
  type: "conversations_select",
  ...idsOf(field),
  response_url_enabled: true,
  filter: { include: ["public", "private", "mpim", "im"] },
  // A global shortcut does not say where its person is; Slack's client knows.
  ...(here && /^[CDG][A-Z0-9]{2,}$/.test(here)
    ? { initial_conversation: here }
    : { default_to_current_conversation: true }),
});

export const option = (value: string, words: string): PlainTextOption => ({
  value,
  text: plain(words, LIMITS.optionText),
});

/** Something of Arga's that can be chosen, in Arga's or a person's words. */
export interface Choice {
  value: string;
  text: string;
  description?: string | undefined;
}

/** None if its value is too long to be sent back whole. */
export function choice({ value, text, description }: Choice): PlainTextOption[] {
  if (value === "" || value.length > LIMITS.optionValue || value !== wellFormed(value)) return [];
  const more = description?.trim() ? { description: plain(description.trim(), LIMITS.optionText) } : {};
  return [{ ...option(value, text.trim() || value), ...more }];
}
