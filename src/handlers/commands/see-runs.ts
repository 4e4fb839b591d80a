import { shown, UsageError } from "../../kinds/grammar.ts";
import { denialReason, isVisible } from "../../runs/authority.ts";
import type { RunControl } from "../../runs/controls.ts";
import type { Run } from "../../runs/run.ts";
import { card } from "../../views/card.ts";
import { runList } from "../../views/lists.ts";
import { showLogs } from "../operations/logs.ts";
import { viewContext } from "../shared/context.ts";
import type { Command } from "../shared/handlers.ts";
import { findRun, ID } from "./find-run.ts";

export const list: Command = {
  grammar: {
    name: "list",
    group: "see",
    operands: "[mine | channel | all]",
    says: "What is running: yours, in this channel, or everywhere.",
    flags: {},
    examples: ["/arga list", "/arga list mine"],
  },
  words: 1,
  async handle(context, { actor, team, hidden }, line) {
    const [scope = hidden ? "mine" : "channel"] = line.words;
    const scopes = new Map<string, { where: string; has: (run: Run) => boolean }>([
      ["mine", { where: "of yours", has: (run) => run.requester.id === actor.id }],
      ["channel", { where: "in this channel", has: (run) => run.channel === actor.channel }],
      ["all", { where: "in this workspace", has: () => true }],
    ]);
    const chosen = scopes.get(scope.toLowerCase());
    if (!chosen)
      throw new UsageError(
        `${shown(scope)} isn't a list. Use \`mine\`, \`channel\` or \`all\`.`,
        "/arga list mine",
      );
    const runs = (await context.store.liveRuns(team)).filter(
      (run) => run.phase.name !== "ended" && chosen.has(run) && isVisible(actor, run, context.config.admins),
    );
    return runList(runs, chosen.where, await context.links.of(team));
  },
};

export const status: Command = {
  grammar: {
    name: "status",
    group: "see",
    operands: "ID",
    says: `One run, with its buttons. ${ID}`,
    flags: {},
    examples: ["/arga status k7m2qx"],
  },
  words: 1,
  async handle(context, interaction, line) {
    const run = await findRun(context, interaction, line, status.grammar);
    const { actor } = interaction;
    // One person reads it: what they may not do isn't offered.
    const isAllowed = (control: RunControl): boolean =>
      denialReason(actor, control, run, context.config.admins) === undefined;
    return card(run, { ...viewContext(context), isAllowed });
  },
};

export const logs: Command = {
  grammar: {
    name: "logs",
    group: "see",
    operands: "ID",
    says: "What a run did, and what went wrong.",
    flags: {},
    examples: ["/arga logs k7m2qx"],
  },
  words: 1,
  async handle(context, interaction, line) {
    return await showLogs(context, interaction, await findRun(context, interaction, line, logs.grammar));
  },
};
