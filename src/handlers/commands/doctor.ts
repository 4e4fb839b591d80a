import { VERSION } from "../../base/version.ts";
import { doctorReport } from "../../views/doctor.ts";
import { refusal } from "../../views/replies.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { Command } from "../shared/handlers.ts";
import { answerOnce } from "../shared/tell.ts";

export const doctor: Command = {
  grammar: {
    name: "doctor",
    group: "see",
    operands: "",
    says: "For admins of this bot: what is wrong with its set-up.",
    flags: {},
    examples: ["/arga doctor"],
  },
  words: 0,
  async handle(context, interaction) {
    if (!context.config.admins.has(interaction.actor.id))
      return refusal("Only an admin of this bot can ask that. `ADMIN_USERS` in its settings names them.");
    context.waitUntil(examineAndTell(context, interaction));
    return undefined;
  },
};

/** Each part may take seconds when it's down, and Slack waits three. */
async function examineAndTell(context: HandlerContext, interaction: Interaction): Promise<void> {
  const findings = await context.examine();
  await answerOnce(context, interaction, doctorReport(findings, VERSION));
}
