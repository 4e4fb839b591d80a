import { CannotStart } from "./parts.ts";
import { playOn } from "./prompt.ts";
import { type Screen, unbroken } from "./screen.ts";
import { HURRIED, SPEED, Stage } from "./stage.ts";
import { ALICE, type Cast, CHANNEL, tellStory, WentWrong } from "./story.ts";
import { Watcher } from "./watcher.ts";

const OVERALL_MS = 120_000;
/** A second signal, or something that does not want to end, ends all the same. */
const STOPPING_MS = 8_000;
const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** The demo from its first part to its end; ends the process. */
export async function run(screen: Screen): Promise<void> {
  const demo = new Demo(screen);
  for (const [signal, code] of Object.entries(EXIT_CODES))
    process.on(signal, () => void demo.end(demo.isTold ? 0 : code));
  process.once("uncaughtException", (error) => void demo.fail(error));
  // Whoever read along is gone.
  process.stdout.once("error", () => void demo.end(demo.isTold ? 0 : 1));
  try {
    await demo.play();
  } catch (error) {
    await demo.fail(error);
  }
}

class Demo {
  isTold = false;
  readonly #screen: Screen;
  readonly #stage = new Stage(HURRIED);
  #isEnding = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  async play(): Promise<void> {
    const screen = this.#screen;
    const { ink } = screen;
    const isWatched = process.stdin.isTTY && process.stdout.isTTY;
    const late = new WentWrong(`The story was not told within ${OVERALL_MS / 1000} seconds.`);
    const limit = setTimeout(() => void this.fail(late), OVERALL_MS);
    await this.#stage.start((part, where) =>
      screen.say(`  ${ink.good("✓")} ${part.padEnd(8)} ${ink.dim(where)}`),
    );
    screen.say("", `  ${ink.bold(`#${CHANNEL}`)}, as ${ALICE} sees it`);
    const watcher = new Watcher(this.#stage.parts.slack, screen, { user: ALICE, channel: CHANNEL });
    watcher.start();
    const cast: Cast = { stage: this.#stage, screen, watcher, isWatched };
    await tellStory(cast);
    clearTimeout(limit);
    this.isTold = true;
    this.#sayWhatNext(isWatched);
    if (isWatched) await playOn(cast);
    await this.end(0);
  }

  /** Says what went wrong and ends with 1. */
  async fail(error: unknown): Promise<void> {
    if (this.#isEnding) return;
    const { say, ink } = { say: this.#screen.say.bind(this.#screen), ink: this.#screen.ink };
    const isKnown = error instanceof WentWrong || error instanceof CannotStart;
    const words =
      error instanceof Error ? (isKnown ? error.message : (error.stack ?? error.message)) : String(error);
    say("", `${ink.danger("✗")} ${words}`);
    const lines = this.#stage.lastWords();
    if (lines.length > 0) say("", "The bot's last lines:", ...lines.map(unbroken));
    await this.end(1);
  }

  async end(code: number): Promise<void> {
    if (this.#isEnding) process.exit(code);
    this.#isEnding = true;
    setTimeout(() => process.exit(code), STOPPING_MS);
    this.#screen.status("");
    await this.#stage.stop().catch(() => {});
    process.exit(code);
  }

  #sayWhatNext(isWatched: boolean): void {
    const { ink } = this.#screen;
    this.#screen.say(
      "",
      `${ink.good("✓")} ${ink.bold("That was it:")} one command, one card that keeps up, a thread that tells what happened.`,
      "  In a workspace of your own: README.md, “Put it into your workspace”.",
    );
    if (!isWatched) return;
    this.#screen.say(
      "",
      `  All of it goes on running, Arga ${SPEED} times as fast as usual. Type as ${ALICE}, such as`,
      `  ${ink.bold("/arga twins github,slack 90m")}; ${ink.bold("help")} says what else, ${ink.bold("quit")} ends it.`,
      `  In a browser: ${ink.link(`${this.#stage.parts.slack.url}/`)}`,
    );
  }
}
