import { CodedError } from "../../base/errors.ts";
import { UsageError } from "../../kinds/grammar.ts";
import type { Content } from "../../views/card.ts";
import { refusal, textContent } from "../../views/replies.ts";
import type { HandlerContext } from "./context.ts";

/** What a person is told of an error. `again`: the command that they typed, which they shouldn't have to type once more. */
export function errorReply(context: HandlerContext, error: unknown, again?: string): Content {
  if (error instanceof UsageError) return refusal(error.message, error.tryThis ?? "/arga help", error.offers);
  context.logger.error({ err: error }, "Command or press failed");
  if (error instanceof CodedError)
    return refusal(error.message, again, again ? [{ label: "Try again", command: again }] : []);
  return textContent(
    "Something went wrong on my side, and nothing was started. The bot's log has the details.",
  );
}
