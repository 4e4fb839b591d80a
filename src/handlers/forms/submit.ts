import { CodedError } from "../../base/errors.ts";
import type { Line } from "../../kinds/grammar.ts";
import type { Limits, Unfit } from "../../kinds/kind.ts";
import { FIELDS, type Thread } from "../../views/forms.ts";
import { judge, open } from "../operations/start-run.ts";
import type { Desk, FormAnswer, Request, Submission } from "../shared/context.ts";
import { placeOf } from "../shared/conversation-info.ts";
import { seenWithin } from "./cached.ts";
import { conversationIn, type Errors, type FormCommand, inField } from "./fields.ts";

/** Slack waits three seconds for the answer to a form: Arga gets a second of them to say what it has. */
const PATIENCE_MS = 1_000;

/** A form whose fields make sense, each by itself. */
export interface Order {
  command: FormCommand;
  line: Line;
  submission: Submission;
  /** Where it is shown that something is not to be had. */
  about: Record<Unfit["about"], string>;
  /** A thread that hears of the end too. */
  alsoTell?: Thread | undefined;
}

/** A request that was made from a message. */
interface FormRequest extends Request {
  alsoTell?: Thread;
}

/** What is known of the limits without looking anything up. */
export const limitsOf = ({ config }: Desk): Limits => ({ maxTtlMinutes: config.maxTtlMinutes });

/** Starts what a form says, as if it had been typed in the channel that was chosen; or says which field is wrong. */
export async function orderRun(desk: Desk, request: Request, order: Order): Promise<FormAnswer> {
  const channel = conversationIn(order.submission, FIELDS.channel);
  if (channel === "") return { errors: { [FIELDS.channel]: "Choose where its card is to stand." } };
  const { knowledge } = desk;
  // What Arga says later is looked at by the worker.
  const [place, plan] = await Promise.all([
    placeOf(desk, request.team, channel),
    seenWithin(desk, knowledge.plan, PATIENCE_MS),
    seenWithin(desk, knowledge.catalog, PATIENCE_MS),
  ]);
  const { kind, parse } = order.command;
  const spec = parse(order.line, { ...limitsOf(desk), planTtlMinutes: plan?.value.maxTtlMinutes });
  const there = requestIn(request, channel, order, place.hidden);
  const { problem, isCertain } = await judge(desk, there, kind, spec);
  const errors: Errors = {
    ...(problem && isCertain ? { [order.about[problem.about]]: inField(problem.why) } : {}),
    ...(place.problem ? { [FIELDS.channel]: place.problem } : {}),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const refused = await open(desk, there, kind, spec);
  return refused && { errors: { [order.about.twins]: inField(refused.text) } };
}

/** Slack gives out a `response_url` for the channel that was chosen; one for another channel is of no use here. */
function requestIn(
  request: Request,
  channel: string,
  { submission, alsoTell }: Order,
  hidden: boolean,
): FormRequest {
  const { user, at, url } = request.reply;
  const answers = url && request.reply.channel === channel ? { url } : {};
  return {
    ...request,
    reply: { user, channel, at, ...answers },
    // Who does not hear in time that a form was taken submits it again: one form is one run.
    key: `form:${submission.id}`,
    hidden,
    ...(alsoTell ? { alsoTell } : {}),
  };
}

/** What went wrong with a form, in its first field: what was filled in stays. */
export function sorry(desk: Desk, error: unknown, field: string): FormAnswer {
  desk.logger.error({ err: error }, "A form could not be carried out");
  const words = error instanceof CodedError ? error.message : FAILED;
  return { errors: { [field]: inField(words) } };
}

const FAILED = "Something went wrong on my side, and nothing was started. It is in the bot's log.";
