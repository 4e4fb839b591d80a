import type { ViewResponseAction } from "@slack/bolt";
import * as z from "zod";
import { CodedError } from "../../base/errors.ts";
import { isVisible } from "../../runs/authority.ts";
import type { RunControl } from "../../runs/controls.ts";
import type { Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { RUN_IS_GONE } from "../../views/replies.ts";
import { RUN_FIELDS } from "../../views/run-modals.ts";
import { requestAction } from "../operations/request-action.ts";
import { shareRun } from "../operations/share-run.ts";
import { carriedIn } from "../shared/carried.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { errorReply } from "../shared/error-reply.ts";
import type { Submission, ViewHandler } from "../shared/handlers.ts";
import { replyToUser } from "../shared/tell.ts";

/** Of which run a modal is, what it asks about, and on which message it was opened. */
const origin = z.object({
  run: z.string(),
  control: z.string(),
  at: z.object({ channel: z.string(), ts: z.string(), threadTs: z.string().optional() }).optional(),
});

/** What a modal of a run's menu carries. */
export const originOf = (run: Run, control: RunControl, { pressedOn: at }: Interaction): string =>
  JSON.stringify({ run: run.id, control, ...(at ? { at } : {}) });

type RunSubmission = (
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
  submission: Submission & { control: string },
) => Promise<Content | undefined>;

/** Who may act is asked again; whatever goes wrong is told where the menu was opened. */
const onSubmit =
  (handle: RunSubmission): ViewHandler =>
  async (context, submitted, submission): Promise<ViewResponseAction | undefined> => {
    const carried = carriedIn(origin, submission.metadata);
    if (!carried) {
      context.waitUntil(replyToUser(context, submitted, RUN_IS_GONE));
      return undefined;
    }
    const { run: id, control, at } = carried;
    const interaction = openedAt(submitted, at);
    try {
      const run = await context.store.get({ team: interaction.team, id });
      const isGone = !run || !isVisible(interaction.actor, run, context.config.admins);
      const content = isGone
        ? RUN_IS_GONE
        : await handle(context, interaction, run, { ...submission, control });
      if (content) context.waitUntil(replyToUser(context, interaction, content));
      return undefined;
    } catch (error) {
      return wrong(context, interaction, submission, error);
    }
  };

/** Stands under the modal's input, so that nothing of it is lost; where there is none, it's told where it was opened. */
function wrong(
  context: HandlerContext,
  interaction: Interaction,
  { values }: Submission,
  error: unknown,
): ViewResponseAction | undefined {
  const [field] = Object.keys(values);
  if (!field) {
    context.waitUntil(replyToUser(context, interaction, errorReply(context, error)));
    return undefined;
  }
  const isKnown = error instanceof CodedError;
  if (!isKnown) context.logger.error({ err: error }, "Couldn't take a form");
  return {
    response_action: "errors",
    errors: { [field]: isKnown ? error.message : "That didn't work. Try again." },
  };
}

/** A submitted modal names no channel: the one where it was opened was seen by its person. */
function openedAt(interaction: Interaction, at: z.infer<typeof origin>["at"]): Interaction {
  if (!at) return interaction;
  const { channel, ts, threadTs } = at;
  const isInThread = threadTs !== undefined && threadTs !== ts;
  return {
    ...interaction,
    actor: { ...interaction.actor, channel },
    reply: { ...interaction.reply, channel, ...(isInThread ? { threadTs } : {}) },
    pressedOn: at,
  };
}

export const submitConfirm: ViewHandler = onSubmit(async (context, interaction, run, { control }) => {
  const { data: action } = z.enum(["lock", "reset", "teardown", "cancel"]).safeParse(control);
  if (!action) return RUN_IS_GONE;
  return await requestAction(context, interaction, run, { action });
});

export const submitShare: ViewHandler = onSubmit(async (context, interaction, run, { values }) => {
  const people = values[RUN_FIELDS.people]?.[RUN_FIELDS.people]?.selected_users ?? [];
  const said = await shareRun(context, interaction, run, people);
  return interaction.pressedOn ? undefined : said;
});

export const submitSave: ViewHandler = onSubmit(async (context, interaction, run, { values }) => {
  const name = values[RUN_FIELDS.name]?.[RUN_FIELDS.name]?.value?.trim() || "Saved test";
  return await requestAction(context, interaction, run, { action: "save", name });
});
