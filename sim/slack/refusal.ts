import type { Problem } from "./blocks/validate.ts";
import type { Json } from "./types.ts";

/** An answer `{ok: false, error}` with HTTP 200; `details` are put beside it. */
export class Refusal extends Error {
  readonly code: string;
  readonly details: Json;

  constructor(code: string, details: Json = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** A refusal that explains itself in `response_metadata.messages`, as Slack does for arguments and views. */
export function explained(code: string, ...messages: readonly string[]): Refusal {
  return new Refusal(code, {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}

/** The refusal of a message: the first problem decides the error, as Slack names one. */
export function messageRefusal(problems: readonly Problem[]): Refusal | undefined {
  const [first] = problems;
  if (first === undefined) return undefined;
  const texts = problems.map(told);
  return new Refusal(messageError(first), { errors: texts, ...explained("", ...texts).details });
}

/** The refusal of a view: always `invalid_arguments`, except for its size. */
export function viewRefusal(problems: readonly Problem[]): Refusal | undefined {
  if (problems.length === 0) return undefined;
  if (problems.some(({ code }) => code === "view_too_large")) return new Refusal("view_too_large");
  return explained("invalid_arguments", ...problems.map(told));
}

function told({ message, pointer }: Problem): string {
  return `${message} [json-pointer:${pointer}]`;
}

const OWN_ERRORS = ["no_text", "msg_blocks_too_long", "invalid_blocks_format"];
const METADATA_ERRORS = ["invalid_metadata_schema", "metadata_too_large"];

function messageError({ code, pointer }: Problem): string {
  if (OWN_ERRORS.includes(code)) return code;
  // Slack turns tables into attachments, hence the odd error for a second one.
  if (code === "only_one_table_allowed") return "invalid_attachments";
  if (pointer.startsWith("/metadata"))
    return METADATA_ERRORS.includes(code) ? code : "invalid_metadata_format";
  return pointer.startsWith("/blocks") ? "invalid_blocks" : "invalid_arguments";
}
