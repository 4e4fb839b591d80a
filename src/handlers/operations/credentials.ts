import type { ModalView } from "@slack/types";
import * as z from "zod";
import { messageOf } from "../../base/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { isVisible, denialReason as notAllowed } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import {
  CREDENTIAL_BLOCKS,
  CREDENTIAL_FORMATS,
  type CredentialChoice,
  type CredentialPlace,
  credentials,
  credentialsFailed,
  credentialsLoading,
  FIRST_CHOICE,
} from "../../views/credentials.ts";
import { denial, RUN_IS_GONE, textContent } from "../../views/replies.ts";
import { carriedIn } from "../shared/carried.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { OpenView, StateValue } from "../shared/handlers.ts";
import { openModal, updateModal } from "../shared/modals.ts";

/**
 * Shows a run's secrets to the presser alone: a modal opens at once and is filled when Arga answered. They pass
 * through this process's memory and nowhere else. Returns what to tell instead of opening it.
 */
export async function showCredentials(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
): Promise<Content | undefined> {
  const problem = withheld(context, interaction, run);
  if (problem) return problem;
  const at = { run: run.id, channel: interaction.actor.channel };
  openModal(context, interaction, {
    first: credentialsLoading(at),
    fill: () => filled(context, run, at, FIRST_CHOICE),
  });
  return undefined;
}

function withheld(context: HandlerContext, { actor }: Interaction, run: Run): Content | undefined {
  const denied = notAllowed(actor, "credentials", run, context.config.admins);
  if (denied) return denial("see the credentials of", run, denied);
  return run.phase.name === "ready"
    ? undefined
    : textContent(`\`${run.id}\` has no credentials right now. A run has them while it's ready.`);
}

async function filled(
  context: HandlerContext,
  run: Run,
  at: CredentialPlace,
  choice: CredentialChoice,
): Promise<ModalView> {
  try {
    if (!run.arga) return credentials(at, []);
    return credentials(at, (await kindOf(run).secrets?.(context.arga, run.arga)) ?? [], choice);
  } catch (error) {
    return credentialsFailed(at, messageOf(error));
  }
}

const place = z.object({ run: z.string(), channel: z.string() });

/** A choice in the modal: another way to write them, or of which twins. Arga and who may see them are asked again. */
export async function chooseCredentials(
  context: HandlerContext,
  interaction: Interaction,
  view: OpenView,
): Promise<Content | undefined> {
  const here = carriedIn(place, view.metadata);
  if (!here) return RUN_IS_GONE;
  const run = await context.store.get({ team: interaction.team, id: here.run });
  // The modal was opened in that channel by this person; a choice in it names no channel.
  const actor = { ...interaction.actor, channel: here.channel };
  if (!run || !isVisible(actor, run, context.config.admins)) return RUN_IS_GONE;
  const problem = withheld(context, { ...interaction, actor }, run);
  if (problem) return problem;
  updateModal(context, interaction, view.id, () => filled(context, run, here, choiceIn(view.values ?? {})));
  return undefined;
}

function choiceIn(values: NonNullable<OpenView["values"]>): CredentialChoice {
  const stateOf = (block: string): StateValue | undefined => Object.values(values[block] ?? {})[0];
  const format = stateOf(CREDENTIAL_BLOCKS.format)?.selected_option?.value;
  const picked = stateOf(CREDENTIAL_BLOCKS.picked)?.selected_options?.map(({ value }) => value ?? "");
  return {
    format: CREDENTIAL_FORMATS.find((each) => each === format) ?? FIRST_CHOICE.format,
    ...(picked ? { picked } : {}),
  };
}
