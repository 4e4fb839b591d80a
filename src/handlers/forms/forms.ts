import type { Limits } from "../../kinds/kind.ts";
import { FIELDS } from "../../views/forms.ts";
import type { Desk, FormAnswer, Request, Submission } from "../shared/context.ts";
import { wrongIn } from "./fields.ts";
import { type Reading, testIn, twinsIn } from "./parse-submission.ts";
import { limitsOf, orderRun, sorry } from "./submit.ts";

export { suggest } from "../options/suggest.ts";
export { openTestForm, openTestFormFor, openTwinsForm } from "./open.ts";

/** Starts the twin run that was filled in, or says in which field it cannot be. Never throws. */
export const submitTwins = (desk: Desk, request: Request, submission: Submission): Promise<FormAnswer> =>
  carriedOut(desk, request, { read: (limits) => twinsIn(submission, limits), first: FIELDS.twins });

/** The same for a test: of a page, or a saved one. */
export const submitTest = (desk: Desk, request: Request, submission: Submission): Promise<FormAnswer> =>
  carriedOut(desk, request, { read: (limits) => testIn(submission, limits), first: FIELDS.url });

async function carriedOut(
  desk: Desk,
  request: Request,
  { read, first }: { read: (limits: Limits) => Reading; first: string },
): Promise<FormAnswer> {
  try {
    const { checks, order } = read(limitsOf(desk));
    const errors = wrongIn(checks);
    return Object.keys(errors).length > 0 ? { errors } : await orderRun(desk, request, order);
  } catch (error) {
    return sorry(desk, error, first);
  }
}
