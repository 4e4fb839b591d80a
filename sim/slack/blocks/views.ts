import {
  boolean,
  byType,
  type Check,
  type Context,
  isObject,
  object,
  oneOf,
  type Rule,
  refuse,
  string,
} from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text.ts";

/** The blocks of a view are checked apart, as their surface is known only from the view's type. */
const blocks: Check = (value, at, context) => {
  if (!Array.isArray(value)) refuse(context, at, "wrong_type", "must provide an array");
};

const shared = {
  private_metadata: string({ min: 0, max: LIMITS.view.privateMetadata }),
  callback_id: string({ min: 0, max: LIMITS.view.callbackId }),
  external_id: string({ min: 0, max: LIMITS.view.externalId }),
};

const inputsCanBeSubmitted: Rule = (view, at, context) => {
  if (view.submit !== undefined || !Array.isArray(view.blocks)) return;
  const asks = view.blocks.some((block) => isObject(block) && block.type === "input");
  if (asks) refuse(context, at, "missing_field", "missing required field: submit (there is an input block)");
};

const modal = object(
  { type: oneOf("modal"), title: plainText(LIMITS.view.title), blocks },
  {
    ...shared,
    submit: plainText(LIMITS.view.submit),
    close: plainText(LIMITS.view.close),
    clear_on_close: boolean,
    notify_on_close: boolean,
  },
  inputsCanBeSubmitted,
);

const home = object({ type: oneOf("home"), blocks }, shared);

const anyView = byType({ modal, home });

/** A modal or a Home tab, without its blocks. */
export function checkFrame(view: unknown, at: string, context: Context): void {
  anyView(view, at, context);
  if (Buffer.byteLength(JSON.stringify(view) ?? "") > LIMITS.view.bytes)
    refuse(context, at, "view_too_large", `no more than ${LIMITS.view.bytes} bytes allowed`);
}
