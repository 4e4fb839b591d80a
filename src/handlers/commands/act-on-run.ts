import { isTime, minutesOf } from "../../kinds/durations.ts";
import { type CommandGrammar, UsageError } from "../../kinds/grammar.ts";
import { requestAction } from "../operations/request-action.ts";
import { shareRun } from "../operations/share-run.ts";
import { restartRun } from "../operations/start-run.ts";
import type { Command } from "../shared/handlers.ts";
import { findRun } from "./find-run.ts";

export const extend: Command = {
  grammar: {
    name: "extend",
    group: "act",
    operands: "ID MINUTES",
    says: "Move a run's end to that many minutes from now.",
    flags: { shorten: { value: false, says: "even if that's sooner than now planned" } },
    examples: ["/arga extend k7m2qx 30"],
  },
  words: 2,
  async handle(context, interaction, typed) {
    const line = { ...typed, words: idFirst(typed.words) };
    const [, time] = line.words;
    const [example = ""] = extend.grammar.examples;
    if (time === undefined)
      throw new UsageError("Give a run's id, and in how many minutes it should end.", example);
    const minutes = minutesOf(time, context.config.maxTtlMinutes, example);
    const run = await findRun(context, interaction, line, extend.grammar);
    const shorten = line.flags.has("shorten") ? { shorten: true } : {};
    return requestAction(context, interaction, run, { action: "extend", minutes, ...shorten });
  },
};

/** Ids and times may stand in either order, as long as only one of the two looks like a time. */
function idFirst(words: readonly string[]): string[] {
  const [first = "", second = "", ...rest] = words;
  return words.length > 1 && isTime(first) && !isTime(second) ? [second, first, ...rest] : [...words];
}

/** A command that needs nothing but a run's id, and is called what it does. */
function actionCommand(action: "lock" | "reset" | "teardown" | "cancel", says: string): Command {
  const grammar: CommandGrammar = {
    name: action,
    group: "act",
    operands: "ID",
    says,
    flags: {},
    examples: [`/arga ${action} k7m2qx`],
  };
  return {
    grammar,
    words: 1,
    handle: async (context, interaction, line) =>
      requestAction(context, interaction, await findRun(context, interaction, line, grammar), { action }),
  };
}

export const lock = actionCommand("lock", "Revoke a run's public URLs. This can't be undone.");
export const reset = actionCommand("reset", "Put the twins' data back to how it was at the start.");
export const teardown = actionCommand("teardown", "End a run now, with all its data.");
export const cancel = actionCommand("cancel", "Stop a validation.");

export const share: Command = {
  grammar: {
    name: "share",
    group: "act",
    operands: "ID @PERSON…",
    says: "Let others do with a run what you can. Its thread tells who.",
    flags: {},
    examples: ["/arga share k7m2qx @sam"],
  },
  async handle(context, interaction, line) {
    const [example = ""] = share.grammar.examples;
    const run = await findRun(context, interaction, line, share.grammar);
    const people = line.people ?? [];
    if (people.length === 0 || people.length < line.words.length - 1)
      throw new UsageError(
        "Whom should it be shared with? Mention each person with @, after the id.",
        example,
      );
    return await shareRun(context, interaction, run, people);
  },
};

export const rerun: Command = {
  grammar: {
    name: "rerun",
    group: "act",
    operands: "ID",
    says: "Restart a finished run. A test is replayed.",
    flags: {},
    examples: ["/arga rerun k7m2qx"],
  },
  words: 1,
  async handle(context, interaction, line) {
    return restartRun(context, interaction, await findRun(context, interaction, line, rerun.grammar));
  },
};
