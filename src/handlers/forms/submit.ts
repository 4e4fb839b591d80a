import type { ViewResponseAction } from "@slack/bolt";
import { CodedError } from "../../base/errors.ts";
import type { Limits } from "../../kinds/kind.ts";
import { FIELDS } from "../../views/forms.ts";
import { limitsFor, settingsOf } from "../operations/settings.ts";
import { preflightSpec, startRun } from "../operations/start-run.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import type { Submission, ViewHandler } from "../shared/handlers.ts";
import {
  conversationIn,
  type Errors,
  inField,
  type ParsedSubmission,
  parseTestForm,
  parseTwinsForm,
  withPlainIds,
  wrongIn,
} from "./parse-submission.ts";

/** Slack waits three seconds for the answer to a form: Arga gets a second of them to say what it has. */
const PATIENCE_MS = 1_000;

/** Starts the twin run that was filled in, or says in which field it cannot be. Never throws. */
export const submitTwins = submit(parseTwinsForm, FIELDS.twins);

/** The same for a test: of a page, or a saved one. */
export const submitTest = submit(parseTestForm, FIELDS.url);

function submit(
  parse: (submission: Submission, limits: Limits) => ParsedSubmission,
  firstField: string,
): ViewHandler {
  return async (context, interaction, submitted) => {
    const submission = withPlainIds(submitted);
    const refused = (errors: Errors): ViewResponseAction => refusedAs(errors, submission.idOf);
    try {
      const parsed = parse(submission, { maxTtlMinutes: context.config.maxTtlMinutes });
      const errors = wrongIn(parsed.checks);
      if (!isEmpty(errors)) return refused(errors);
      const wrong = await submitRun(context, interaction, submission, parsed);
      return wrong && refused(wrong);
    } catch (error) {
      context.logger.error({ err: error }, "Form submission failed");
      const words = error instanceof CodedError ? error.message : FAILED;
      return refused({ [firstField]: inField(words) });
    }
  };
}

const FAILED = "Something went wrong on my side, and nothing was started. The bot's log has the details.";

const isEmpty = (errors: Errors): boolean => Object.keys(errors).length === 0;

/** Starts what a form says, as if it had been typed in the channel that was chosen; or says which field is wrong. */
async function submitRun(
  context: HandlerContext,
  interaction: Interaction,
  submission: Submission,
  { command: { kind, parse }, line, about, sourceThread }: ParsedSubmission,
): Promise<Errors | undefined> {
  const channel = conversationIn(submission, FIELDS.channel);
  if (channel === "") return { [FIELDS.channel]: "Choose a channel for the card." };
  const { argaCache } = context;
  // What Arga says later is looked at by the worker.
  const [place] = await Promise.all([
    conversationInfo(context, interaction.team, channel),
    argaCache.plan.getWithin(PATIENCE_MS),
    argaCache.catalog.getWithin(PATIENCE_MS),
  ]);
  const spec = parse(line, await limitsFor(context, await settingsOf(context, interaction)));
  const there: Interaction = {
    ...interaction,
    reply: replyIn(channel, interaction),
    // Who does not hear in time that a form was taken submits it again: one form is one run.
    key: `form:${submission.id}`,
    hidden: place.hidden,
    ...(sourceThread ? { sourceThread } : {}),
  };
  const { problem, isCertain } = await preflightSpec(context, there, kind, spec);
  const errors: Errors = {
    ...(problem && isCertain ? { [about[problem.about]]: inField(problem.why) } : {}),
    ...(place.problem ? { [FIELDS.channel]: place.problem } : {}),
  };
  if (!isEmpty(errors)) return errors;
  const refusal = await startRun(context, there, kind, spec);
  return refusal && { [about.twins]: inField(refusal.text) };
}

/** Slack knows a field by the name that it has in the form. */
const refusedAs = (errors: Errors, idOf: (field: string) => string): ViewResponseAction => ({
  response_action: "errors",
  errors: Object.fromEntries(Object.entries(errors).map(([field, why]) => [idOf(field), why])),
});

/** Slack gives out a `response_url` for the channel that was chosen; one for another channel is of no use here. */
function replyIn(channel: string, { reply }: Interaction): Interaction["reply"] {
  const { user, at, url } = reply;
  return { user, channel, at, ...(url && reply.channel === channel ? { url } : {}) };
}
