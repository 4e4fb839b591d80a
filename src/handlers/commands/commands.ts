import { CodedError } from "../../base/errors.ts";
import { minutesOf } from "../../kinds/durations.ts";
import {
  type CommandGrammar,
  type Line,
  nearest,
  readLine,
  shown,
  UsageError,
  words,
} from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import type { Limits } from "../../kinds/kind.ts";
import { isVisible } from "../../runs/authority.ts";
import { type Action, isEnded, type Run } from "../../runs/run.ts";
import { type Content, card } from "../../views/card.ts";
import { helpAll, helpOne } from "../../views/help.ts";
import { runList } from "../../views/lists.ts";
import { refusal, textContent } from "../../views/replies.ts";
import { openTestForm, openTwinsForm } from "../forms/open.ts";
import { showLogs } from "../operations/logs.ts";
import { requestAction } from "../operations/request-action.ts";
import { restartRun, startRun } from "../operations/start-run.ts";
import { type HandlerContext, type Interaction, viewContext } from "../shared/context.ts";
import * as grammar from "./grammars.ts";
import { showCatalog, showScenarios, showTests } from "./lists.ts";
import { runNotify } from "./notify.ts";

/** Carries out one command; what it returns is shown to the person at once, nothing if the answer follows. */
type Handler = (
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
) => Promise<Content | undefined>;

interface Command {
  grammar: CommandGrammar;
  /** How many words it takes at the most; a kind's own parser judges its words itself. */
  words?: number;
  handle: Handler;
}

/** With nothing after them, these open a form. */
const FORM_OF: Record<string, (context: HandlerContext, interaction: Interaction) => Promise<void>> = {
  twins: openTwinsForm,
  test: openTestForm,
};

const commands = new Map<string, Command>(
  [
    ...allKinds.flatMap((kind) =>
      kind.commands.map(({ grammar }) => ({
        grammar,
        handle: formOr(start(grammar), FORM_OF[grammar.name]),
      })),
    ),
    { grammar: grammar.list, words: 1, handle: list },
    { grammar: grammar.status, words: 1, handle: status },
    { grammar: grammar.extend, words: 2, handle: extend },
    { grammar: grammar.lock, words: 1, handle: actionHandler("lock", grammar.lock) },
    { grammar: grammar.reset, words: 1, handle: actionHandler("reset", grammar.reset) },
    { grammar: grammar.teardown, words: 1, handle: actionHandler("teardown", grammar.teardown) },
    { grammar: grammar.cancel, words: 1, handle: actionHandler("cancel", grammar.cancel) },
    { grammar: grammar.rerun, words: 1, handle: rerun },
    { grammar: grammar.logs, words: 1, handle: logs },
    { grammar: grammar.tests, words: 1, handle: showTests },
    { grammar: grammar.scenarios, words: 1, handle: showScenarios },
    {
      grammar: grammar.catalog,
      words: 0,
      handle: (context: HandlerContext, interaction: Interaction) => showCatalog(context, interaction),
    },
    { grammar: grammar.notify, handle: runNotify },
    { grammar: grammar.help, words: 1, handle: help },
  ].map((command) => [command.grammar.name, command]),
);

/** Opens the command's form if nothing was typed after its name, and otherwise does what was typed. */
function formOr(
  handle: Handler,
  open: ((context: HandlerContext, interaction: Interaction) => Promise<void>) | undefined,
): Handler {
  return async (context, interaction, line) => {
    if (!open || line.words.length > 0 || line.flags.size > 0)
      return await handle(context, interaction, line);
    await open(context, interaction);
    return undefined;
  };
}

/** Starts a run of the first kind that takes the line. */
function start(of: CommandGrammar): Handler {
  return async (context, interaction, line) => {
    const plan = await context.argaCache.plan.peek();
    const limits: Limits = { ...context.config, planTtlMinutes: plan?.value.maxTtlMinutes };
    for (const kind of allKinds)
      for (const { grammar, parse } of kind.commands) {
        const spec = grammar === of ? parse(line, limits) : undefined;
        if (spec !== undefined) return startRun(context, interaction, kind, spec);
      }
    throw new UsageError(`\`/arga ${of.name}\` does not take that.`, of.examples[0]);
  };
}

/** Runs what was typed after `/arga`. Never throws: whatever is wrong becomes an answer. */
export async function runCommand(
  context: HandlerContext,
  interaction: Interaction,
  text: string,
): Promise<Content | undefined> {
  try {
    const [name = "help", ...rest] = words(text);
    const command = commandNamed(name);
    const line = readLine(rest, command.grammar);
    notTooMany(line, command);
    return await command.handle(context, interaction, line);
  } catch (error) {
    return errorReply(context, error);
  }
}

/** A word too many may be a second id: better asked than half done. */
function notTooMany(line: Line, { words: most = Number.POSITIVE_INFINITY, grammar }: Command): void {
  const extra = line.words[most];
  if (extra !== undefined)
    throw new UsageError(
      `${shown(extra)} is a word too many for \`/arga ${grammar.name}\`.`,
      grammar.examples[0],
    );
}

/** What a person is told of an error. */
export function errorReply(context: HandlerContext, error: unknown): Content {
  if (error instanceof UsageError) return refusal(error.message, error.tryThis ?? "/arga help");
  context.logger.error({ err: error }, "A request could not be carried out");
  if (error instanceof CodedError) return refusal(error.message);
  return textContent("Something went wrong on my side, and nothing was started. It is in the bot's log.");
}

function commandNamed(name: string): Command {
  const command = commands.get(name.toLowerCase());
  if (command) return command;
  const near = nearest(name, [...commands.keys()]) ?? SYNONYMS.get(name.toLowerCase());
  if (near) throw new UsageError(`I do not know ${shown(name)}; did you mean \`${near}\`?`, exampleOf(near));
  throw new UsageError(
    `I do not know ${shown(name)}. \`/arga help\` lists what I can do.`,
    "/arga twins stripe 60",
  );
}

/** Words that people take for commands, and what they mean by them. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["start", "twins"],
  ["create", "twins"],
  ["stop", "teardown"],
  ["kill", "teardown"],
  ["end", "teardown"],
  ["delete", "teardown"],
  ["destroy", "teardown"],
  ["abort", "cancel"],
  ["prolong", "extend"],
  ["check", "validate"],
  ["verify", "validate"],
  ["repeat", "rerun"],
  ["retry", "rerun"],
  ["subscribe", "notify"],
  ["runs", "list"],
  ["ls", "list"],
]);

export const isSynonym = (word: string): boolean => SYNONYMS.has(word.toLowerCase());

const exampleOf = (name: string): string | undefined => commands.get(name)?.grammar.examples[0];

async function help(_context: HandlerContext, _interaction: Interaction, line: Line): Promise<Content> {
  const [name] = line.words;
  return name === undefined ? helpAll(grammar.grammars) : helpOne(commandNamed(name).grammar);
}

async function list(context: HandlerContext, interaction: Interaction, line: Line): Promise<Content> {
  const [scope = interaction.hidden ? "mine" : "channel"] = line.words;
  const { actor, team } = interaction;
  const scopes: Record<string, { where: string; has: (run: Run) => boolean }> = {
    mine: { where: "of yours", has: (run) => run.requester.id === actor.id },
    channel: { where: "in this channel", has: (run) => run.channel === actor.channel },
    all: { where: "in this workspace", has: () => true },
  };
  const word = scope.toLowerCase();
  const chosen = Object.hasOwn(scopes, word) ? scopes[word] : undefined;
  if (!chosen)
    throw new UsageError(`${shown(scope)} is not one of mine, channel and all.`, "/arga list mine");
  const runs = (await context.store.liveRuns(team)).filter(
    (run) => !isEnded(run) && chosen.has(run) && isVisible(actor, run, context.config.admins),
  );
  return runList(runs, chosen.where);
}

async function status(context: HandlerContext, interaction: Interaction, line: Line): Promise<Content> {
  return card(await oneRun(context, interaction, line, grammar.status), viewContext(context));
}

/** Ids and times may stand in either order, as long as only one of the two looks like a time. */
function idFirst(words: readonly string[]): string[] {
  const [first = "", second = "", ...rest] = words;
  const isTime = (word: string): boolean => /^(?:\d+h)?(?:\d+m?)?$/i.test(word);
  return words.length > 1 && isTime(first) && !isTime(second) ? [second, first, ...rest] : [...words];
}

async function extend(
  context: HandlerContext,
  interaction: Interaction,
  typed: Line,
): Promise<Content | undefined> {
  const line = { ...typed, words: idFirst(typed.words) };
  const [, time] = line.words;
  const [example = ""] = grammar.extend.examples;
  if (time === undefined)
    throw new UsageError("Give a run's id and how many minutes from now it is to end.", example);
  const minutes = minutesOf(time, context.config.maxTtlMinutes, example);
  const run = await oneRun(context, interaction, line, grammar.extend);
  const shorten = line.flags.has("shorten") ? { shorten: true } : {};
  return requestAction(context, interaction, run, { action: "extend", minutes, ...shorten });
}

function actionHandler(action: Exclude<Action, "extend">, of: CommandGrammar): Handler {
  return async (context, interaction, line) =>
    requestAction(context, interaction, await oneRun(context, interaction, line, of), { action });
}

async function rerun(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  return restartRun(context, interaction, await oneRun(context, interaction, line, grammar.rerun));
}

async function logs(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  return showLogs(context, interaction, await oneRun(context, interaction, line, grammar.logs));
}

/** The one run that the first word means, among those that this person may see. */
async function oneRun(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
  of: CommandGrammar,
): Promise<Run> {
  const [id] = line.words;
  const [example] = of.examples;
  if (id === undefined)
    throw new UsageError(`Which run? \`/arga ${of.name}\` needs an id; \`/arga list\` shows them.`, example);
  const found = (await context.store.find(interaction.team, id)).filter((run) =>
    isVisible(interaction.actor, run, context.config.admins),
  );
  const [run, other] = found;
  if (!run)
    throw new UsageError(
      `There is no run ${shown(id)}. \`/arga list all\` shows what is running.`,
      "/arga list all",
    );
  if (other) {
    const ids = found.map((each) => `\`${each.id}\``).join(", ");
    throw new UsageError(`${shown(id)} may mean ${ids}. Write more of it.`, `/arga ${of.name} ${run.id}`);
  }
  return run;
}
