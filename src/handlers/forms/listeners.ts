import type { App as BoltApp } from "@slack/bolt";
import { FORMS, MESSAGE_SHORTCUT } from "../../views/forms.ts";
import { suggestOptions } from "../options/suggest.ts";
import type { FormAnswer, HandlerContext, Interaction, Submission } from "../shared/context.ts";
import { submitTest, submitTwins } from "./forms.ts";
import { openTestForm, openTestFormFor, openTwinsForm } from "./open.ts";

/** What is used of a shortcut's payload; only that on a message says where it was. */
interface ShortcutBody {
  callback_id?: string;
  channel?: { id: string };
  message?: { ts?: string; thread_ts?: string; text?: string };
}

/** What is used of a `view_submission` payload. */
interface SubmissionBody {
  view: { id: string; callback_id: string; private_metadata?: string; state?: Pick<Submission, "values"> };
  /** One for each field that asks for it, in the channel that was chosen there. */
  response_urls?: { channel_id: string; response_url: string }[];
}

/** The forms: shortcuts that open them, what is submitted, and what their searchable fields ask for. */
export function onForms(
  app: BoltApp,
  context: HandlerContext,
  requestOf: (body: unknown) => Interaction,
): void {
  app.shortcut(/.*/, async ({ body, ack }) => {
    await openBy(context, requestOf(body), body as ShortcutBody);
    await ack();
  });
  app.view(new RegExp(`^(${FORMS.twins}|${FORMS.test})$`), async ({ body, ack }) => {
    const form = body as SubmissionBody;
    const answer = await submitted(context, requestOf(body), form);
    if (!answer) return await ack();
    if ("errors" in answer) return await ack({ response_action: "errors", errors: answer.errors });
    await ack({ response_action: "update", view: answer.view });
  });
  app.options(/^form\./, async ({ body, ack }) => {
    const { action_id, value } = body as { action_id: string; value?: string };
    await ack(await suggestOptions(context, requestOf(body), action_id, value ?? ""));
  });
}

async function openBy(
  context: HandlerContext,
  interaction: Interaction,
  { callback_id, channel, message }: ShortcutBody,
): Promise<void> {
  if (callback_id === FORMS.twins) return await openTwinsForm(context, interaction);
  if (callback_id === FORMS.test) return await openTestForm(context, interaction);
  if (callback_id !== MESSAGE_SHORTCUT || !channel || !message?.ts) return;
  const { text = "", ts, thread_ts: threadTs } = message;
  await openTestFormFor(context, interaction, { text, channel: channel.id, ts, threadTs });
}

async function submitted(
  context: HandlerContext,
  interaction: Interaction,
  body: SubmissionBody,
): Promise<FormAnswer> {
  const { view, response_urls: [answers] = [] } = body;
  const reply = answers
    ? { ...interaction.reply, channel: answers.channel_id, url: answers.response_url }
    : interaction.reply;
  const form = { id: view.id, metadata: view.private_metadata ?? "", values: view.state?.values ?? {} };
  const submit = view.callback_id === FORMS.twins ? submitTwins : submitTest;
  return await submit(context, { ...interaction, reply }, form);
}
