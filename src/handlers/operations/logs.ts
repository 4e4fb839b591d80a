import type { ModalView } from "@slack/types";
import * as z from "zod";
import { messageOf } from "../../base/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { isVisible, denialReason as notAllowed } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { type LogPage, type LogPlace, logsFailed, logsLoading, logsView } from "../../views/logs.ts";
import { denial, RUN_IS_GONE, refusal, textContent } from "../../views/replies.ts";
import { carriedIn } from "../shared/carried.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { OpenView } from "../shared/handlers.ts";
import { openModal, updateModal } from "../shared/modals.ts";

const FIRST: LogPage = { page: 0, errorsOnly: false };

/** Shows what a run did in a modal that opens at once. Returns what to tell instead of opening it. */
export async function showLogs(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
): Promise<Content | undefined> {
  const problem = unreadable(context, interaction, run);
  if (problem) return problem;
  const place = { ...FIRST, run: run.id, channel: interaction.actor.channel };
  openModal(context, interaction, {
    first: logsLoading(run, place),
    fill: () => filled(context, run, place),
  });
  return undefined;
}

function unreadable(context: HandlerContext, interaction: Interaction, run: Run): Content | undefined {
  const denied = notAllowed(interaction.actor, "logs", run, context.config.admins);
  if (denied) return denial("read the logs of", run, denied);
  const { logs, noun } = kindOf(run);
  if (!logs) return refusal(`Arga keeps no logs of this ${noun}, \`${run.id}\`.`, `/arga status ${run.id}`);
  return run.arga
    ? undefined
    : textContent(
        `\`${run.id}\` has no logs: Arga ${run.phase.name === "ended" ? "never started it" : "hasn't started it yet"}.`,
      );
}

async function filled(context: HandlerContext, run: Run, place: LogPlace): Promise<ModalView> {
  try {
    const lines = run.arga ? await kindOf(run).logs?.(context.arga, run.arga) : undefined;
    return logsView(run, place, lines ?? []);
  } catch (error) {
    return logsFailed(run, place, messageOf(error));
  }
}

const place = z.object({ run: z.string(), channel: z.string(), page: z.int(), errorsOnly: z.boolean() });

/** A press in the modal: another page, or errors alone. Who may read is asked again. */
export async function turnLogs(
  context: HandlerContext,
  interaction: Interaction,
  view: OpenView,
  to: Partial<LogPage>,
): Promise<Content | undefined> {
  const here = carriedIn(place, view.metadata);
  if (!here) return RUN_IS_GONE;
  const run = await context.store.get({ team: interaction.team, id: here.run });
  // The modal was opened in that channel by this person; a press in it names no channel.
  const actor = { ...interaction.actor, channel: here.channel };
  if (!run || !isVisible(actor, run, context.config.admins)) return RUN_IS_GONE;
  const problem = unreadable(context, { ...interaction, actor }, run);
  if (problem) return problem;
  updateModal(context, interaction, view.id, () => filled(context, run, { ...here, ...to }));
  return undefined;
}
