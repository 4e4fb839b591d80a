import { LIMITS } from "./blocks/limits.ts";
import { validateMessage, validateView } from "./blocks/validate.ts";
import { defined, isObject, objectOf, objectsOf } from "./json.ts";
import type { Content } from "./messages.ts";
import { explained, messageRefusal, Refusal, viewRefusal } from "./refusal.ts";
import type { Block, Json, Metadata } from "./types.ts";

const MAX_ATTACHMENTS = 100;
const MAX_MARKDOWN = LIMITS.payload.markdown;

/** The fields that make up what a message says, as a caller sent them. Undefined means left out. */
export interface Said {
  text: string | undefined;
  blocks: unknown;
  attachments: unknown;
  metadata: unknown;
  markdown: string | undefined;
}

export function saidIn(fields: Json): Said {
  const { text, blocks, attachments, metadata, markdown_text: markdown } = fields;
  return {
    text: typeof text === "string" ? text : undefined,
    blocks,
    attachments,
    metadata,
    markdown: typeof markdown === "string" ? markdown : undefined,
  };
}

/** The content of a new message, its text cut where Slack cuts it. @throws Refusal */
export function newContent(said: Said): Content {
  if (said.markdown !== undefined) return markdownContent(said, said.markdown);
  const { text = "", blocks = [], metadata } = said;
  const attachments = attachmentsOf(said.attachments);
  // The validator knows nothing of attachments, and they too are enough of a message.
  const judged = text === "" && attachments !== undefined ? "(attachments)" : text;
  refuseBad({ text: judged, blocks, ...meant(metadata) });
  return {
    text: cut(text),
    blocks: objectsOf(blocks),
    ...defined({ attachments }),
    ...metadataOf(metadata),
  };
}

/** Checks what an edit brings; unlike a new message it may consist of metadata or of empty blocks alone. @throws Refusal */
export function checkEdit({ text, blocks, metadata }: Said): void {
  if (text !== undefined && text.length > LIMITS.message.updatedText) throw new Refusal("msg_too_long");
  refuseBad({ text: text || "(kept)", ...defined({ blocks }), ...meant(metadata) });
}

function cut(text: string): string {
  return text.slice(0, LIMITS.message.textKept);
}

export function blocksOf(value: unknown): Block[] {
  return objectsOf(value);
}

/** @throws Refusal `invalid_attachments` */
export function attachmentsOf(value: unknown): Json[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw new Refusal("invalid_attachments");
  if (value.length > MAX_ATTACHMENTS) throw new Refusal("too_many_attachments");
  return value.length === 0 ? undefined : value;
}

/** `{}` clears metadata: nothing to be checked, and nothing to be kept. */
export function metadataOf(value: unknown): { metadata?: Metadata } {
  if (!isObject(value) || Object.keys(value).length === 0) return {};
  const { event_type = "", event_payload = {} } = value;
  return {
    metadata: {
      ...value,
      event_type: String(event_type),
      event_payload: isObject(event_payload) ? event_payload : {},
    },
  };
}

function meant(metadata: unknown): { metadata?: unknown } {
  const empty = isObject(metadata) && Object.keys(metadata).length === 0;
  return metadata === undefined || empty ? {} : { metadata };
}

function markdownContent({ text, blocks, metadata }: Said, markdown: string): Content {
  if (text !== undefined || blocks !== undefined) throw new Refusal("markdown_text_conflict");
  if (markdown.length > MAX_MARKDOWN) throw new Refusal("msg_too_long");
  if (markdown === "") throw new Refusal("no_text");
  refuseBad({ text: markdown, ...meant(metadata) });
  return { text: markdown, blocks: [{ type: "markdown", text: markdown }], ...metadataOf(metadata) };
}

function refuseBad(message: { text?: string; blocks?: unknown; metadata?: unknown }): void {
  const refusal = messageRefusal(validateMessage(message));
  if (refusal !== undefined) throw refusal;
}

/** The fields of a view of that type. @throws Refusal `invalid_arguments`, `view_too_large` */
export function checkedView(value: unknown, type: "modal" | "home"): Json {
  const refusal = viewRefusal(validateView(value));
  if (refusal !== undefined) throw refusal;
  const view = objectOf(value);
  if (view.type === type) return view;
  throw explained("invalid_arguments", `must be a ${type} [json-pointer:/view/type]`);
}
