import type { Bench } from "../slack/bench.ts";
import { CannotStart } from "./parts.ts";
import type { Screen } from "./screen.ts";
import { Stage } from "./stage.ts";
import { benchOf } from "./switches.ts";

/** Where the browser finds the workspace, unless something else is there. */
const PORT = 4390;
const STOPPING_MS = 8_000;
const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 0, SIGTERM: 143, SIGHUP: 129 };

/** The workspace with Arga at its real speed and a bench beside it, until a signal comes; ends the process. */
export async function play(screen: Screen): Promise<void> {
  const bench: Bench = { switches: [], notes: [] };
  const stage = new Stage({ arga: {}, bot: {}, port: PORT, bench });
  let isEnding = false;
  const end = async (code: number): Promise<void> => {
    // A second signal ends at once; what was started goes with the process.
    if (isEnding) process.exit(code);
    isEnding = true;
    setTimeout(() => process.exit(code), STOPPING_MS);
    await stage.stop().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(EXIT_CODES)) process.on(signal, () => void end(code));
  // Whoever read along may be gone; the browser may not.
  process.stdout.on("error", () => {});
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
  screen.say(
    "",
    `  Open ${ink.link(`${stage.parts.slack.url}/`)} in a browser, and type ${ink.bold("/arga twins stripe 60")}.`,
    `  ${ink.dim("“Bench” there shows what happens, makes trouble and makes time pass. Ctrl-C ends it all.")}`,
    "",
  );
}
