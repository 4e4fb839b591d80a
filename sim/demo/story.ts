import { setTimeout as sleep } from "node:timers/promises";
import type { Slack, SlackMessage } from "../slack/server.ts";
import { labelOf, objects } from "./blocks.ts";
import type { Screen } from "./screen.ts";
import { REMINDED_SECONDS, type Stage } from "./stage.ts";
import type { Watcher } from "./watcher.ts";

export const ALICE = "alice";
export const CHANNEL = "dev";
const COMMAND = "/arga twins stripe 60";

/** Something that should have happened did not. */
export class WentWrong extends Error {}

export interface Cast {
  stage: Stage;
  screen: Screen;
  watcher: Watcher;
  /** Whether somebody reads along as it happens. */
  isWatched: boolean;
}

/** Each of these takes a second or two; more only on a machine that is very busy. */
const STEP_MS = 25_000;
/** What a reader needs before the next thing happens. */
const READING_MS = 1_500;

/** The main job, from the command to the end of the run. @throws {@link WentWrong} */
export async function tellStory(cast: Cast): Promise<void> {
  const { slack } = cast.stage.parts;
  await type(cast, COMMAND);
  const posted = await expect(cast, "the card in the channel", () => cardIn(slack));
  await expect(cast, "the word in the thread that it is ready", () => reply(slack, posted, ": ready."));
  await expect(cast, "the Credentials button on the card", () => elementOn(cardIn(slack), "run.credentials"));
  await type(cast, "/arga list");
  await expect(cast, "the list that alice alone sees", () => slack.ephemerals(ALICE).length > 0);
  await press(cast, cardIn(slack) ?? posted, "run.extend", "120");
  const extended = await expect(cast, "the word in the thread that it was extended", () =>
    reply(slack, posted, "Extended"),
  );
  const reminder = await awaitReminder(cast, extended);
  await press(cast, reminder, "run.teardown");
  await expect(cast, "the card to say torn down", () => cardIn(slack)?.text.includes(": torn down"));
  await expect(cast, "the end in the thread", () => reply(slack, posted, ": torn down"));
}

/** Alice types a command. */
export async function type({ stage, screen, watcher, isWatched }: Cast, line: string): Promise<void> {
  const { slack } = stage.parts;
  if (isWatched) await sleep(READING_MS);
  const [command = "", ...rest] = line.split(" ");
  screen.event(screen.ink.person(`${ALICE} types in #${CHANNEL}`), [screen.ink.bold(line)]);
  await slack.command(ALICE, CHANNEL, command, rest.join(" "));
  watcher.look();
}

/** Alice presses a button, and confirms; or chooses in a menu. */
export async function press(
  cast: Cast,
  message: SlackMessage,
  actionId: string,
  value?: string,
): Promise<void> {
  const { stage, screen, watcher, isWatched } = cast;
  if (isWatched) await sleep(READING_MS);
  const element = elementOn(message, actionId) ?? {};
  const where = message.thread_ts === undefined ? "on the card" : "in the thread";
  screen.event(`${screen.ink.person(deed(element, value))} ${where}`);
  await stage.parts.slack.press(ALICE, message, actionId, value === undefined ? {} : { value });
  watcher.look();
}

function deed(element: Record<string, unknown>, value: string | undefined): string {
  if (value === undefined)
    return `${ALICE} presses “${labelOf(element)}”${element.confirm ? " and confirms" : ""}`;
  const option = objects(element.options).find((each) => each.value === value) ?? {};
  return `${ALICE} chooses “${labelOf(option)}”`;
}

/** Waits for something to be seen; what came with it is on the screen by then. */
async function expect<T>(
  { stage, watcher }: Cast,
  name: string,
  probe: () => T | undefined | false,
  ms = STEP_MS,
): Promise<T> {
  const { slack, bot } = stage.parts;
  const gone = bot.ended.then((how) => {
    throw new WentWrong(`The bot ended (${how}) while this was awaited: ${name}.`);
  });
  const seen = slack.until(probe, ms).catch((error: unknown) => {
    const [, ...log] = String(error).split("\n");
    throw new WentWrong(`This did not come within ${ms / 1000} seconds: ${name}.\n${log.join("\n")}`);
  });
  const found = await Promise.race([seen, gone]);
  watcher.look();
  return found;
}

/** The one stretch in which nothing happens: the time until then is shown. */
async function awaitReminder(cast: Cast, extended: SlackMessage): Promise<SlackMessage> {
  const { screen, stage } = cast;
  const { slack, arga } = stage.parts;
  const [run] = arga.runs.values();
  const at = (run?.expiresAt ?? Date.now()) - REMINDED_SECONDS * 1000;
  const left = (): number => Math.max(0, Math.ceil((at - Date.now()) / 1000));
  screen.event(screen.ink.dim(`time passes: ${REMINDED_SECONDS} seconds before the end, alice is reminded`));
  const show = setInterval(() => screen.status(left() > 0 ? `in ${left()} s …` : "now …"), 500);
  try {
    const thread = extended.thread_ts ?? "";
    // On a very busy machine the thread may have been reminded of the first end as well.
    const probe = () =>
      slack
        .messages(CHANNEL, { thread })
        .find(({ ts, text }) => ts > extended.ts && text.includes(": ends "));
    return await expect(cast, "the reminder in the thread", probe, left() * 1000 + STEP_MS);
  } finally {
    clearInterval(show);
    screen.status("");
  }
}

/** The newest card; a story has one. */
const cardIn = (slack: Slack): SlackMessage | undefined => slack.messages(CHANNEL).at(-1);

const reply = (slack: Slack, card: SlackMessage, words: string): SlackMessage | undefined =>
  slack.messages(CHANNEL, { thread: card.ts }).find(({ text }) => text.includes(words));

const elementOn = (
  message: Pick<SlackMessage, "blocks"> | undefined,
  actionId: string,
): Record<string, unknown> | undefined =>
  message?.blocks.flatMap(({ elements }) => objects(elements)).find((one) => one.action_id === actionId);
