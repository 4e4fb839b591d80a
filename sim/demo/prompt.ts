import { createInterface } from "node:readline";
import type { SlackMessage } from "../slack/server.ts";
import { labelOf, objects } from "./blocks.ts";
import { ALICE, type Cast, CHANNEL, press, type } from "./story.ts";

const HELP = [
  "/arga …            a command, as alice in #dev; /arga help lists them",
  "press BUTTON       a button of the newest message that has it, such as: press credentials",
  "press extend 120   an option of the Extend menu, in minutes",
  "quit               ends the demo, as do Ctrl-C and Ctrl-D",
];

/** Lets a person go on as alice. Resolves when they want no more. */
export async function playOn(cast: Cast): Promise<void> {
  const { screen } = cast;
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: `${screen.ink.person(`${ALICE} in #${CHANNEL}`)} › `,
    historySize: 100,
  });
  screen.keepBelow(terminal);
  screen.say("");
  terminal.on("line", (line) => {
    if (/^(quit|exit|bye)$/i.test(line.trim())) terminal.close();
    else
      act({ ...cast, isWatched: false }, line.trim())
        .catch((error: unknown) => screen.say(error instanceof Error ? error.message : String(error)))
        .finally(() => terminal.prompt());
  });
  await new Promise<void>((resolve) => {
    terminal.once("close", resolve);
    // Ctrl-C reaches the prompt alone, as long as it is there.
    terminal.once("SIGINT", resolve);
  });
}

async function act(cast: Cast, line: string): Promise<void> {
  const [, button, option] = /^press\s+(.+?)(?:\s+(\d+))?$/i.exec(line) ?? [];
  if (line === "") return;
  if (line.startsWith("/")) await type(cast, line);
  else if (line.startsWith("arga")) await type(cast, `/${line}`);
  else if (button !== undefined) await pressNewest(cast, button, option);
  else cast.screen.say(...HELP);
}

/** Finds the button by the beginning of its words. */
async function pressNewest(cast: Cast, button: string, option: string | undefined): Promise<void> {
  const { slack } = cast.stage.parts;
  const cards = slack.messages(CHANNEL);
  const replies = cards.flatMap(({ ts }) => slack.messages(CHANNEL, { thread: ts }));
  const newest = [...cards, ...replies].sort((a, b) => Number(b.ts) - Number(a.ts));
  for (const message of newest) {
    const element = elementsOf(message).find((one) => starts(labelOf(one), button));
    if (!element) continue;
    const choice = element.type === "static_select" ? (option ?? "") : undefined;
    await press(cast, message, String(element.action_id), choice);
    return;
  }
  cast.screen.say(`There is no button “${button}” now.`);
}

const elementsOf = ({ blocks }: SlackMessage) => blocks.flatMap(({ elements }) => objects(elements));

const starts = (label: string, words: string): boolean => label.toLowerCase().startsWith(words.toLowerCase());
