import { type CommandGrammar, nearest, shown, UsageError } from "../../kinds/grammar.ts";
import { helpAll, helpOne } from "../../views/help.ts";
import type { Command } from "../shared/handlers.ts";
import { cancel, extend, lock, rerun, reset, share, teardown } from "./act-on-run.ts";
import { catalog, scenarios, tests } from "./arga-lists.ts";
import { doctor } from "./doctor.ts";
import { notify } from "./notify.ts";
import { list, logs, status } from "./see-runs.ts";
import { kindCommands } from "./start.ts";

const help: Command = {
  grammar: {
    name: "help",
    group: "channel",
    operands: "[COMMAND]",
    says: "This text, or one command with all it takes.",
    flags: {},
    examples: ["/arga help", "/arga help twins"],
  },
  words: 1,
  async handle({ bot }, _interaction, { words: [name] }) {
    return name === undefined ? helpAll(grammars, bot) : helpOne(commandNamed(name).grammar, bot);
  },
};

/** Every command, in the order of the help. One more is an object with its grammar, and its name here. */
const commands: readonly Command[] = [
  ...kindCommands,
  list,
  status,
  extend,
  lock,
  reset,
  teardown,
  cancel,
  rerun,
  share,
  logs,
  tests,
  catalog,
  scenarios,
  notify,
  doctor,
  help,
];

/** What can be typed, for the parser and the help alike. */
export const grammars: readonly CommandGrammar[] = commands.map(({ grammar }) => grammar);

const byName: ReadonlyMap<string, Command> = new Map(
  commands.map((command) => [command.grammar.name, command]),
);

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

/** Whether a command opens a form by itself. */
export const hasForm = (name: string): boolean => byName.get(name)?.open !== undefined;

/** The command of that name. Throws {@link UsageError}, with the one that was probably meant, and `rest` behind it. */
export function commandNamed(name: string, rest = ""): Command {
  const command = byName.get(name.toLowerCase());
  if (command) return command;
  const near = nearest(name, [...byName.keys()]) ?? SYNONYMS.get(name.toLowerCase());
  if (near)
    throw new UsageError(
      `There's no ${shown(name)} command. Did you mean \`${near}\`?`,
      byName.get(near)?.grammar.examples[0],
      [{ label: "Run it", command: `/arga ${near} ${rest}`.trim() }],
    );
  throw new UsageError(
    `There's no ${shown(name)} command. \`/arga help\` lists what I can do.`,
    "/arga twins stripe 60",
  );
}
