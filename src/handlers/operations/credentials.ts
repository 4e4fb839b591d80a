import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { denialReason as notAllowed } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { credentials, credentialsFailed, credentialsLoading } from "../../views/credentials.ts";
import { textContent } from "../../views/replies.ts";
import { safe } from "../../views/text.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { openModal } from "../shared/modals.ts";

/**
 * Shows a run's secrets to the presser alone: a modal opens at once and is filled when Arga answered. They pass
 * through this process's memory and nowhere else. Returns what to tell instead of opening it.
 */
export async function showCredentials(
  context: HandlerContext,
  interaction: Interaction,
  run: Run,
): Promise<Content | undefined> {
  const denied = notAllowed(interaction.actor, "credentials", run, context.config.admins);
  if (denied) return textContent(`You can't see the credentials of \`${run.id}\`: ${safe(denied)}.`);
  if (run.phase.name !== "ready")
    return textContent(`\`${run.id}\` has no credentials right now. A run has them while it's ready.`);
  openModal(context, interaction, { first: credentialsLoading(), fill: () => filled(context, run) });
  return undefined;
}

async function filled(context: HandlerContext, run: Run): Promise<ModalView> {
  try {
    if (!run.arga) return credentials([]);
    return credentials((await kindOf(run).secrets?.(context.arga, run.arga)) ?? []);
  } catch (error) {
    return credentialsFailed(messageOf(error));
  }
}
