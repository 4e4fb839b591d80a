import { CodedError } from "../../base/errors.ts";
import type { Line } from "../../kinds/grammar.ts";
import type { Limits, PreflightProblem } from "../../kinds/kind.ts";
import { FIELDS, type Thread } from "../../views/forms.ts";
import { preflightSpec, startRun } from "../operations/start-run.ts";
import type { FormAnswer, HandlerContext, Interaction, Submission } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import { getWithin } from "./cached.ts";
import { conversationIn, type Errors, type FormCommand, inField } from "./fields.ts";

/** Slack waits three seconds for the answer to a form: Arga gets a second of them to say what it has. */
const PATIENCE_MS = 1_000;

/** A form whose fields make sense, each by itself. */
export interface FormOrder {
  command: FormCommand;
  line: Line;
  submission: Submission;
  /** Where it is shown that something is not to be had. */
  about: Record<PreflightProblem["about"], string>;
  /** A thread that hears of the end too. */
  sourceThread?: Thread | undefined;
}

/** A request that was made from a message. */
interface FormRequest extends Interaction {
  sourceThread?: Thread;
}

/** What is known of the limits without looking anything up. */
export const limitsOf = ({ config }: HandlerContext): Limits => ({ maxTtlMinutes: config.maxTtlMinutes });

/** Starts what a form says, as if it had been typed in the channel that was chosen; or says which field is wrong. */
export async function submitRun(
  context: HandlerContext,
  interaction: Interaction,
  order: FormOrder,
): Promise<FormAnswer> {
  const channel = conversationIn(order.submission, FIELDS.channel);
  if (channel === "") return { errors: { [FIELDS.channel]: "Choose where its card is to stand." } };
  const { argaCache } = context;
  // What Arga says later is looked at by the worker.
  const [place, plan] = await Promise.all([
    conversationInfo(context, interaction.team, channel),
    getWithin(context, argaCache.plan, PATIENCE_MS),
    getWithin(context, argaCache.catalog, PATIENCE_MS),
  ]);
  const { kind, parse } = order.command;
  const spec = parse(order.line, { ...limitsOf(context), planTtlMinutes: plan?.value.maxTtlMinutes });
  const there = requestIn(interaction, channel, order, place.hidden);
  const { problem, isCertain } = await preflightSpec(context, there, kind, spec);
  const errors: Errors = {
    ...(problem && isCertain ? { [order.about[problem.about]]: inField(problem.why) } : {}),
    ...(place.problem ? { [FIELDS.channel]: place.problem } : {}),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const refused = await startRun(context, there, kind, spec);
  return refused && { errors: { [order.about.twins]: inField(refused.text) } };
}

/** Slack gives out a `response_url` for the channel that was chosen; one for another channel is of no use here. */
function requestIn(
  interaction: Interaction,
  channel: string,
  { submission, sourceThread }: FormOrder,
  hidden: boolean,
): FormRequest {
  const { user, at, url } = interaction.reply;
  const answers = url && interaction.reply.channel === channel ? { url } : {};
  return {
    ...interaction,
    reply: { user, channel, at, ...answers },
    // Who does not hear in time that a form was taken submits it again: one form is one run.
    key: `form:${submission.id}`,
    hidden,
    ...(sourceThread ? { sourceThread } : {}),
  };
}

/** What went wrong with a form, in its first field: what was filled in stays. */
export function formError(context: HandlerContext, error: unknown, field: string): FormAnswer {
  context.logger.error({ err: error }, "A form could not be carried out");
  const words = error instanceof CodedError ? error.message : FAILED;
  return { errors: { [field]: inField(words) } };
}

const FAILED = "Something went wrong on my side, and nothing was started. It is in the bot's log.";
