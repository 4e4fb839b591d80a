import type { Limits } from "../../kinds/kind.ts";
import { FIELDS } from "../../views/forms.ts";
import type { FormAnswer, HandlerContext, Interaction, Submission } from "../shared/context.ts";
import { wrongIn } from "./fields.ts";
import { type ParsedSubmission, parseTestForm, parseTwinsForm } from "./parse-submission.ts";
import { formError, limitsOf, submitRun } from "./submit.ts";

export { suggestOptions } from "../options/suggest.ts";
export { openTestForm, openTestFormFor, openTwinsForm } from "./open.ts";

/** Starts the twin run that was filled in, or says in which field it cannot be. Never throws. */
export const submitTwins = (
  context: HandlerContext,
  interaction: Interaction,
  submission: Submission,
): Promise<FormAnswer> =>
  carriedOut(context, interaction, {
    read: (limits) => parseTwinsForm(submission, limits),
    first: FIELDS.twins,
  });

/** The same for a test: of a page, or a saved one. */
export const submitTest = (
  context: HandlerContext,
  interaction: Interaction,
  submission: Submission,
): Promise<FormAnswer> =>
  carriedOut(context, interaction, {
    read: (limits) => parseTestForm(submission, limits),
    first: FIELDS.url,
  });

async function carriedOut(
  context: HandlerContext,
  interaction: Interaction,
  { read, first }: { read: (limits: Limits) => ParsedSubmission; first: string },
): Promise<FormAnswer> {
  try {
    const { checks, order } = read(limitsOf(context));
    const errors = wrongIn(checks);
    return Object.keys(errors).length > 0 ? { errors } : await submitRun(context, interaction, order);
  } catch (error) {
    return formError(context, error, first);
  }
}
