import { UsageError } from "../../kinds/grammar.ts";
import type { Content } from "../../views/card.ts";
import { refusal, textContent } from "../../views/replies.ts";
import { errorReply, runCommand } from "../commands/commands.ts";
import { turnTests } from "../commands/lists.ts";
import { type HomeForms, pressHome } from "../events/app-home.ts";
import { removeNotify } from "../forms/notify.ts";
import { openTestForm, openTwinsForm } from "../forms/open.ts";
import { showCredentials } from "../operations/credentials.ts";
import { showLogs, turnLogs } from "../operations/logs.ts";
import { requestAction } from "../operations/request-action.ts";
import { restartRun } from "../operations/start-run.ts";
import type { HandlerContext, Interaction, OpenView } from "../shared/context.ts";

/** A press, as far as it is believed: which element, in whose actions block, with which choice. */
export interface Press {
  actionId: string;
  blockId: string;
  choice: string | undefined;
  /** Where it was pressed, if not in a message. */
  view?: OpenView | undefined;
}

/** The run that an actions block belongs to: `run:<short id>`, or `run:<short id>:<n>`. */
const runIdOf = (blockId: string): string | undefined => /^run:([a-z0-9]{1,20})(?::\d+)?$/.exec(blockId)?.[1];

/** Carries out a press; what it returns is shown to the presser alone. Never throws. */
export async function runPress(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
): Promise<Content | undefined> {
  try {
    return await carryOut(context, interaction, press);
  } catch (error) {
    return errorReply(context, error);
  }
}

async function carryOut(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
): Promise<Content | undefined> {
  const [, group = "", name = ""] = /^(\w+)\.([\w-]+)/.exec(press.actionId) ?? [];
  const deed = Object.hasOwn(PRESSES, group) ? PRESSES[group] : undefined;
  if (!deed) return UNKNOWN;
  // Whoever presses there is there to read the answer.
  if (press.view?.type === "home")
    await context.homes.pressed({ team: interaction.team, user: interaction.actor.id });
  return await deed(context, interaction, press, name);
}

const UNKNOWN = textContent(
  "I do not know this button any more. The card in the channel has the ones that work.",
);

type Deed = (
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
  name: string,
) => Promise<Content | undefined>;

const FORMS: HomeForms = {
  twins: (context, interaction) => openTwinsForm(context, interaction),
  test: (context, interaction, prefill) => openTestForm(context, interaction, prefill),
};

/** By the first part of an `action_id`. */
const PRESSES: Record<string, Deed> = {
  run: pressRun,
  tests: pressTests,
  logs: pressLogs,
  home: (context, interaction, { choice }, name) => pressHome(context, interaction, { name, choice }, FORMS),
  notify: pressNotify,
  // What was said to the bot and needs a window: the same words, now that there is a trigger.
  talk: async (context, interaction, press) => await runCommand(context, interaction, press.choice ?? ""),
};

async function pressRun(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
  name: string,
): Promise<Content | undefined> {
  const id = runIdOf(press.blockId);
  const run = id ? await context.store.get({ team: interaction.team, id }) : undefined;
  if (!run) return refusal("I do not know this run any more.", "/arga list");
  switch (name) {
    case "extend":
      return await requestAction(context, interaction, run, {
        action: "extend",
        minutes: chosenMinutes(context, press),
      });
    case "lock":
    case "reset":
    case "teardown":
    case "cancel":
      return await requestAction(context, interaction, run, { action: name });
    case "credentials":
      return await showCredentials(context, interaction, run);
    case "logs":
      return await showLogs(context, interaction, run);
    case "rerun":
      return await restartRun(context, interaction, run);
    case "dashboard":
      return undefined;
    default:
      return UNKNOWN;
  }
}

async function pressTests(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
  name: string,
): Promise<Content | undefined> {
  if (name === "page") {
    await turnTests(context, interaction, press.choice);
    return undefined;
  }
  // A Home is in no channel.
  if (press.view) return await pressHome(context, interaction, { name: "run", choice: press.choice }, FORMS);
  const id = press.choice ?? "";
  if (!/^[\w.:-]{1,100}$/.test(id)) return UNKNOWN;
  // The same words as typed, so that a payload can hold no more than a person could.
  return await runCommand(context, interaction, `run ${id}`);
}

async function pressLogs(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
  name: string,
): Promise<Content | undefined> {
  if (!press.view) return UNKNOWN;
  const page = { page: Number(press.choice) || 0 };
  const to = name === "page" ? page : { page: 0, errorsOnly: name === "errors" };
  return await turnLogs(context, interaction, press.view, to);
}

async function pressNotify(
  context: HandlerContext,
  interaction: Interaction,
  press: Press,
  name: string,
): Promise<Content | undefined> {
  if (!press.view || name !== "remove") return UNKNOWN;
  return await removeNotify(context, interaction, press.choice, press.view);
}

/** A payload can be made up by whoever holds the signing secret; what it says is held to the same limits. */
function chosenMinutes(context: HandlerContext, press: Press): number {
  const minutes = Number(press.choice);
  const { maxTtlMinutes } = context.config;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxTtlMinutes) return minutes;
  throw new UsageError(
    `That is no time from the menu; 1 to ${maxTtlMinutes} minutes can be asked for.`,
    "/arga list",
  );
}
