import type { CommandGrammar } from "../kinds/grammar.ts";
import type { Content } from "./card.ts";
import { copyable } from "./help.ts";
import { code, mention, note, section } from "./text.ts";

/** The commands that a beginner is shown, as far as there are such commands, each by its first example. */
const FIRST_STEPS = ["twins", "test", "validate", "list", "notify"];
const IN_SHORT = 3;

const examplesOf = (grammars: readonly CommandGrammar[], names: readonly string[]): string[] =>
  names.flatMap((name) => grammars.find((grammar) => grammar.name === name)?.examples.slice(0, 1) ?? []);

/** For someone new to the bot: what it's for, and what to type first. */
export function welcome(grammars: readonly CommandGrammar[], bot: string): Content {
  const examples = examplesOf(grammars, FIRST_STEPS);
  return {
    text: `Hello! I start digital twins, test runs and validations at Arga, and keep you up to date. Try ${examples[0] ?? "/arga help"}`,
    blocks: [
      section(
        ":wave: *Hello!* I start digital twins, test runs and validations at Arga. Each run gets one card that stays up to date and has the buttons you need. Its thread tells the story.",
      ),
      section("Copy one of these into a channel that I'm in, or send it to me here:"),
      copyable(examples),
      section(
        `In a thread, mention me instead: ${spoken(bot, examples[0])}. Invite me to a channel with ${code("/invite")} ${mention(bot)}. What you start here, only you can see.`,
      ),
      note(
        `${code("/arga help")} lists everything I can do. ${code("/arga help twins")} has the details of one command.`,
      ),
    ],
  };
}

/** For the person who invited the bot into a channel, and no one else in it. */
export function invited(grammars: readonly CommandGrammar[], bot: string): Content {
  const examples = examplesOf(grammars, FIRST_STEPS);
  return {
    text: `Thanks for inviting me. Try ${examples[0] ?? "/arga help"}`,
    blocks: [
      section(":wave: Thanks for inviting me. Everyone in this channel can now type:"),
      copyable(examples),
      note(`In a thread, ${spoken(bot, examples[0])}. ${code("/arga help")} lists everything I can do.`),
    ],
  };
}

/** The answer to a greeting: what the bot can do, in short. */
export function greeting(grammars: readonly CommandGrammar[]): Content {
  const examples = examplesOf(grammars, FIRST_STEPS).slice(0, IN_SHORT);
  return {
    text: `Hello! I start digital twins, test runs and validations. Try ${examples[0] ?? "/arga help"}`,
    blocks: [
      section("Hello! I start digital twins, test runs and validations at Arga. For example:"),
      copyable(examples),
      note(`${code("/arga help")} lists everything I can do.`),
    ],
  };
}

/** A command as it is said to the bot, whatever it's called here. */
const spoken = (bot: string, command = "/arga help"): string =>
  `${mention(bot)} ${code(command.replace(/^\/arga /, ""))}`;
