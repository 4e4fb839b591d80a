import { ending, onClosed } from "./ending.ts";
import { CannotStart } from "./parts.ts";
import { playOn } from "./prompt.ts";
import { type Screen, unbroken } from "./screen.ts";
import { HURRIED, SPEED, Stage } from "./stage.ts";
import { ALICE, type Cast, CHANNEL, tellStory, WentWrong } from "./story.ts";
import { Watcher } from "./watcher.ts";

const OVERALL_MS = 120_000;
const GOES_ON = `  All of it goes on running, Arga ${SPEED} times as fast as usual.`;

/** The demo from its first part to its end, or on until it is ended if it `stays`; ends the process. */
export async function run(screen: Screen, { stays }: { stays: boolean }): Promise<void> {
  const demo = new Demo(screen, stays);
  onClosed((code) => void demo.end(demo.isTold ? 0 : code));
  process.once("uncaughtException", (error) => void demo.fail(error));
  try {
    await demo.play();
  } catch (error) {
    await demo.fail(error);
  }
}

class Demo {
  isTold = false;
  readonly #screen: Screen;
  readonly #stays: boolean;
  readonly #stage = new Stage(HURRIED);
  readonly #end = ending(() => this.#stage.stop());
  #isEnding = false;

  constructor(screen: Screen, stays: boolean) {
    this.#screen = screen;
    this.#stays = stays;
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
    if (isWatched || !this.#stays) await this.end(0);
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
    this.#isEnding = true;
    this.#screen.status("");
    await this.#end(code);
  }

  #sayWhatNext(isWatched: boolean): void {
    const { ink } = this.#screen;
    this.#screen.say(
      "",
      `${ink.good("✓")} ${ink.bold("That was it:")} one command, one card that keeps up, a thread that tells what happened.`,
      "  In a workspace of your own: README.md, “Put it into your workspace”.",
    );
    const page = ink.link(`${this.#stage.parts.slack.url}/`);
    const typing = [
      `  ${ink.bold("/arga twins github,slack 90m")}; ${ink.bold("help")} says what else, ${ink.bold("quit")} ends it.`,
      `  Or open ${page} in a browser: the same workspace, to click on.`,
    ];
    if (isWatched) this.#screen.say("", `${GOES_ON} Type as ${ALICE}, such as`, ...typing);
    else if (this.#stays)
      this.#screen.say("", GOES_ON, `  Open ${page} in a browser, to click on it. Ctrl-C ends it.`);
    else
      this.#screen.say(
        "  To click on the same in a browser: script/demo --stay, which goes on running, or script/playground.",
      );
  }
}
