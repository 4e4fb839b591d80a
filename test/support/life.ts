import type { Delivery, SlackMessage, View } from "../../sim/slack/server.ts";
import { PATIENCE_MS } from "./waiting.ts";
import type { World } from "./world.ts";

/** A person who starts a twin, extends, locks and tears it down, and does again what Slack says did not arrive. */

export const textOf = (message: SlackMessage): string => `${message.text} ${JSON.stringify(message.blocks)}`;

export const cardsOf = (world: World, channel = world.channel): SlackMessage[] =>
  world.slack.messages(channel).filter((message) => payloadOf(message)?.role === "card");

export const payloadOf = (message: SlackMessage): Record<string, unknown> | undefined =>
  message.metadata?.event_type === "arga_run" ? message.metadata.event_payload : undefined;

export function theCard(world: World, channel = world.channel): SlackMessage {
  const [card] = cardsOf(world, channel);
  if (!card) throw new Error("there is no card");
  return card;
}

/** What the thread under the card says, in order. */
export const threadOf = (world: World, channel = world.channel): SlackMessage[] => {
  const [card] = cardsOf(world, channel);
  return card ? world.slack.messages(channel, { thread: card.ts }) : [];
};

export const keysOf = (world: World): string[] =>
  threadOf(world).map((message) => String(payloadOf(message)?.key));

/** The card once it shows what is asked for; rejects after `ms`. */
export const cardShows = (world: World, what: string | RegExp, ms = PATIENCE_MS): Promise<SlackMessage> =>
  world.slack.until(
    () =>
      cardsOf(world).find((card) =>
        typeof what === "string" ? textOf(card).includes(what) : what.test(textOf(card)),
      ),
    ms,
  );

/** A message of the thread once it is there. */
export const threadSays = (world: World, what: string): Promise<SlackMessage> =>
  world.slack.until(() => threadOf(world).find((message) => message.text.includes(what)));

export const isTaken = (delivery: Delivery): boolean =>
  delivery.delivered && !delivery.timedOut && !delivery.failure;

/** Presses until Slack says that it arrived; a press whose button is gone meanwhile counts as done. */
export async function pressUntilTaken(world: World, actionId: string, value?: string): Promise<void> {
  for (let tries = 0; tries < 8; tries++) {
    const card = theCard(world);
    if (!textOf(card).includes(`"${actionId}"`)) return;
    const delivery = await world.slack.press("alice", card, actionId, value ? { value } : {});
    if (isTaken(delivery)) return;
    await nextBot(world);
  }
  throw new Error(`${actionId} was never taken`);
}

/** Chooses something in a run's menu that a modal asks about, and confirms it; a bot that is killed opens none. */
export async function pickAndConfirm(world: World, message: SlackMessage, value: string): Promise<Delivery> {
  const { slack, bot } = world;
  const before = slack.views("alice").map(({ id }) => id);
  const pressed = await slack.press("alice", message, "run.more", { value });
  if (!isTaken(pressed)) return pressed;
  const opened = () => slack.views("alice").find(({ id }) => !before.includes(id));
  await slack.until(() => opened() ?? world.bot !== bot);
  const modal = opened();
  if (!modal) throw new Error("the bot was killed before it opened a modal");
  return await slack.submit("alice", modal.id);
}

/** As {@link pressUntilTaken}, for what stands in the card's menu. */
export async function pickUntilTaken(world: World, value: string): Promise<void> {
  for (let tries = 0; tries < 8; tries++) {
    const card = theCard(world);
    if (!textOf(card).includes(`"value":"${value}"`)) return;
    const isDone = await pickAndConfirm(world, card, value).then(isTaken, () => false);
    if (isDone) return;
    await nextBot(world);
  }
  throw new Error(`${value} was never taken`);
}

/** The whole life of a run; returns its outcome as the card shows it. */
export async function liveTwin(world: World): Promise<"torn down" | "unknown"> {
  await typeUntilCard(world);
  const ready = await cardShows(world, /"run\.credentials"|can't tell if it started/);
  if (textOf(ready).includes("can't tell if it started")) return "unknown";
  await pressUntilTaken(world, "run.extend", "120");
  await threadSays(world, "Extended by");
  await pickUntilTaken(world, "lock");
  await threadSays(world, "Locked by");
  await pressUntilTaken(world, "run.teardown");
  await threadSays(world, "torn down");
  await cardShows(world, ": torn down");
  return "torn down";
}

/** Whether Redis has a run of this channel. */
const isRunKept = async ({ redis, slack, channel }: World): Promise<boolean> =>
  (await redis.dump()).includes(`channel\\":\\"${slack.channel(channel).id}`);

/** One that was killed is never ready again: the one after it is waited for. */
async function nextBot(world: World): Promise<void> {
  const { bot } = world;
  const isReady = await bot.ready().then(
    () => true,
    () => false,
  );
  if (isReady) return;
  await world.slack.until(() => world.bot !== bot);
  await world.bot.ready();
}

async function typeUntilCard(world: World): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const delivery = await world.slack.command("alice", world.channel, "/arga", "twins stripe 60");
    if (!isTaken(delivery)) await nextBot(world);
    // What was taken before its answer was lost is in Redis, and will come; anything else never will.
    if (!isTaken(delivery) && !(await isRunKept(world))) continue;
    await world.slack.until(() => cardsOf(world)[0]);
    return;
  }
  throw new Error("no card came");
}

/** A person's App Home, once it has these words or this form. */
export const homeShows = ({ slack }: World, what: string | RegExp, user = "alice"): Promise<View> =>
  slack.until(() => {
    const home = slack.home(user);
    const text = JSON.stringify(home?.blocks ?? []);
    return (typeof what === "string" ? text.includes(what) : what.test(text)) ? home : undefined;
  });

/** The modal of alice's that has these words, once it is open. */
export const modalShows = ({ slack }: World, what: string): Promise<View> =>
  slack.until(() => slack.views("alice").find((view) => JSON.stringify(view).includes(what)));

/** What is typed after `/arga`, by alice in #dev. Rejects if it isn't taken. */
export async function type({ slack }: World, text: string): Promise<void> {
  const delivery = await slack.command("alice", "dev", "/arga", text);
  if (!isTaken(delivery)) throw new Error(`${text} was not taken: ${delivery.failure}`);
}

/** Rejects if it isn't taken. */
export async function press(
  { slack }: World,
  card: SlackMessage,
  actionId: string,
  who = "alice",
): Promise<void> {
  if (!isTaken(await slack.press(who, card, actionId))) throw new Error(`${actionId} was not taken`);
}

/** What Arga was asked for by this route, and did. */
export const applied = ({ arga }: World, route: string) =>
  arga.requests.filter((request) => request.route === route && request.applied);
