import type { CommandGrammar } from "../../kinds/grammar.ts";
import { allKinds } from "../../kinds/index.ts";
import { notify } from "./notify.ts";

export { notify };

const plain = (name: string, operands: string, says: string, examples: string[]): CommandGrammar => ({
  name,
  operands,
  says,
  flags: {},
  examples,
});

const ID = "ID is a run's short id, Arga's id, or the beginning of either.";

export const list = plain(
  "list",
  "[mine | channel | all]",
  "What is running: yours, in this channel, or everywhere.",
  ["/arga list", "/arga list mine"],
);
export const status = plain("status", "ID", `One run, with its buttons. ${ID}`, ["/arga status k7m2qx"]);
export const extend: CommandGrammar = {
  ...plain("extend", "ID MINUTES", "Let a run end that many minutes from now.", ["/arga extend k7m2qx 30"]),
  flags: { shorten: { value: false, says: "even if that is sooner than its present end" } },
};
export const lock = plain("lock", "ID", "Revoke a run's public URLs. This cannot be undone.", [
  "/arga lock k7m2qx",
]);
export const reset = plain("reset", "ID", "Put the twins' data back to what they were provisioned with.", [
  "/arga reset k7m2qx",
]);
export const teardown = plain("teardown", "ID", "End a run now, with all its data.", [
  "/arga teardown k7m2qx",
]);
export const cancel = plain("cancel", "ID", "Stop a validation.", ["/arga cancel k7m2qx"]);
export const logs = plain("logs", "ID", "What a run did, and what went wrong.", ["/arga logs k7m2qx"]);
export const tests = plain("tests", "[o/r]", "The saved tests, each with a button to run it.", [
  "/arga tests",
  "/arga tests acme/shop",
]);
export const scenarios = plain("scenarios", "[TWIN]", "What twins can be seeded with.", [
  "/arga scenarios",
  "/arga scenarios stripe",
]);
export const rerun = plain("rerun", "ID", "Start a run that ended again; a test is replayed.", [
  "/arga rerun k7m2qx",
]);
export const catalog = plain("catalog", "", "The twins that Arga offers.", ["/arga catalog"]);
export const help = plain("help", "[COMMAND]", "This text, or one command with all it takes.", [
  "/arga help",
  "/arga help twins",
]);

/** Every command, in the order of the help; the parser and the help both read it. */
export const grammars: readonly CommandGrammar[] = [
  ...new Set(allKinds.flatMap((kind) => kind.commands.map(({ grammar }) => grammar))),
  list,
  status,
  extend,
  lock,
  reset,
  teardown,
  cancel,
  rerun,
  logs,
  tests,
  catalog,
  scenarios,
  notify,
  help,
];
