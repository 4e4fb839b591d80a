import type { ModalView } from "@slack/types";
import { messageOf } from "../../base/errors.ts";
import { kindOf } from "../../kinds/index.ts";
import { refusal as notAllowed } from "../../runs/authority.ts";
import type { Run } from "../../runs/run.ts";
import type { Content } from "../../views/card.ts";
import { credentials, credentialsFailed, credentialsLoading } from "../../views/credentials.ts";
import { says } from "../../views/replies.ts";
import { safe } from "../../views/text.ts";
import type { Desk, Request } from "../shared/context.ts";
import { openAndFill } from "../shared/modals.ts";

/**
 * Shows a run's secrets to the presser alone: a modal opens at once and is filled when Arga answered. They pass
 * through this process's memory and nowhere else. Returns what to tell instead of opening it.
 */
export async function showCredentials(desk: Desk, request: Request, run: Run): Promise<Content | undefined> {
  const denied = notAllowed(request.actor, "credentials", run, desk.config.admins);
  if (denied) return says(`You cannot see the credentials of \`${run.id}\`: ${safe(denied)}.`);
  if (run.phase.name !== "ready")
    return says(`\`${run.id}\` has no credentials now: it is not ready, or not any more.`);
  openAndFill(desk, request, { first: credentialsLoading(), fill: () => filled(desk, run) });
  return undefined;
}

async function filled(desk: Desk, run: Run): Promise<ModalView> {
  try {
    if (!run.arga) return credentials([]);
    return credentials((await kindOf(run).secrets?.(desk.arga, run.arga)) ?? []);
  } catch (error) {
    return credentialsFailed(messageOf(error));
  }
}
