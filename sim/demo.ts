import { parseArgs } from "node:util";
import { Screen } from "./demo/screen.ts";

/**
 * The main job with no accounts (`script/demo`): a local Slack, a local Arga, a private Redis and the real bot
 * between them. On a terminal one can go on by hand; without one it ends by itself, unless it is told to `--stay`.
 */
const stays = ((): boolean => {
  try {
    return parseArgs({ options: { stay: { type: "boolean" } } }).values.stay ?? false;
  } catch {
    console.error("script/demo takes one option, --stay: it goes on running when the story is told.");
    process.exit(2);
  }
})();
const screen = new Screen(process.stdout);
screen.say(
  "",
  screen.ink.bold("  arga-slack: digital twins from a slash command"),
  screen.ink.dim(
    "  Everything runs on this machine. Slack and Arga are simulated, the twins' links lead nowhere, and",
  ),
  screen.ink.dim("  Arga's time is sped up: an hour takes 20 seconds. The bot is the real one."),
  "",
);
// The rest takes a moment to load; by now there is something to read.
const { run } = await import("./demo/run.ts");
await run(screen, { stays });
