import { Screen } from "./demo/screen.ts";

/** A workspace in the browser with no accounts (`script/playground`): local Slack and Arga, Redis, and the real bot. */
const screen = new Screen(process.stdout);
screen.say("", screen.ink.bold("  arga-slack: a Slack workspace in the browser"), "");
const { play } = await import("./demo/playground.ts");
await play(screen);
