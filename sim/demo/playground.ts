import type { Bench } from "../slack/bench.ts";
import { ending, onClosed } from "./ending.ts";
import { CannotStart } from "./parts.ts";
import type { Screen } from "./screen.ts";
import { Stage } from "./stage.ts";
import { benchOf } from "./switches.ts";

/** Where the browser finds the workspace, unless something else is there. */
const PORT = 4390;

/** The workspace with Arga at its real speed and a bench beside it, until a signal comes; ends the process. */
export async function play(screen: Screen): Promise<void> {
  const bench: Bench = { switches: [], notes: [] };
  const stage = new Stage({ arga: {}, bot: {}, port: PORT, bench });
  const end = ending(() => stage.stop());
  let isOpen = false;
  // Once it is open, Ctrl-C is how it is meant to end.
  onClosed((code) => void end(isOpen && code === 130 ? 0 : code));
  const { ink } = screen;
  try {
    await stage.start((part, where) => screen.say(`  ${ink.good("✓")} ${part.padEnd(8)} ${ink.dim(where)}`));
  } catch (error) {
    screen.say(
      `${ink.danger("✗")} ${error instanceof CannotStart ? error.message : String((error as Error).stack)}`,
    );
    return end(1);
  }
  benchOf(stage, bench);
  isOpen = true;
  screen.say(
    "",
    `  Open ${ink.link(`${stage.parts.slack.url}/`)} in a browser, and type ${ink.bold("/arga twins stripe 60")}.`,
    `  ${ink.dim("“Bench” there shows what happens, makes trouble and makes time pass. Ctrl-C ends it all.")}`,
    "",
  );
}
