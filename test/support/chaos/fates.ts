import type { EphemeralMessage, SlackMessage } from "../../../sim/slack/server.ts";
import { payloadOf, textOf } from "../life.ts";
import type { Asked } from "./asking.ts";
import type { Scene } from "./scene.ts";
import { cardsIn, ENDED, nameIn, namesIn, threadUnder } from "./seen.ts";
import { DESKS, PEOPLE, PROBES, ROOMS } from "./town.ts";

/** What became of everything that was asked for. */
export interface Fates {
  accepted: number;
  cards: number;
  runs: number;
  unknown: number;
  /** Private answers that stand there twice: Slack's own answer to the first was lost, and they can't be read back. */
  saidAgain: number;
  answeredAtOnce: number;

  /** What must not be, by what it is called: the names of those with whom it is so. */
  wrong: Record<string, string[]>;
}

export const OUT_OF_DATE = "cards that are out of date at the end";

/** All that belongs to one name. */
interface Story {
  name: string;
  asked: Asked[];
  cards: Told[];
  /** How often Arga made something of that name. */
  runs: number;
}

interface Told {
  card: SlackMessage;
  isUnknown: boolean;
  hasEnded: boolean;
  keys: string[];
}

export function fatesOf(scene: Scene, asked: readonly Asked[]): Fates {
  const stories = storiesOf(scene, asked);
  const asides = asked.filter(({ sort }) => sort === "aside");
  const alone = PEOPLE.flatMap((who) => scene.slack.ephemerals(who).map((message) => ({ who, message })));
  const answers = new Map(asides.map((each) => [each, answersTo(scene, each, asides, alone)]));
  const cards = stories.flatMap((story) => story.cards);
  const named = (is: (story: Story) => boolean): string[] => stories.filter(is).map(describe);
  return {
    accepted: asked.filter(({ isAccepted }) => isAccepted).length,
    cards: cards.length,
    runs: stories.reduce((sum, { runs }) => sum + runs, 0),
    saidAgain: [...answers.values()].filter((texts) => new Set(texts).size < texts.length).length,
    unknown: cards.filter(({ isUnknown }) => isUnknown).length,
    answeredAtOnce: asked.filter(({ isTold }) => isTold).length,
    wrong: {
      "**lost**: accepted, and neither card, run nor answer": named((story) => isLost(story, alone)),
      "**doubled** runs": named(({ asked, runs }) => runs > asked.length),
      "doubled cards": named(({ asked, cards }) => cards.length > asked.length),
      "end messages missing": named(({ cards }) => cards.some(({ keys }) => !keys.includes("ended"))),
      "thread messages repeated, ends among them": named(({ cards }) =>
        cards.some(({ keys }) => new Set(keys).size < keys.length),
      ),
      [OUT_OF_DATE]: named(({ cards }) => cards.some(({ hasEnded }) => !hasEnded)),
      "commands without an answer": asides
        .filter((each) => each.isAccepted && answers.get(each)?.length === 0)
        .map((each) => `${each.name} ${each.who} ${each.channel}: ${each.text}; ${heard(scene, each)}`),
    },
  };
}

const describe = ({ name, asked, cards, runs }: Story): string =>
  `${name}: ${asked.map(({ text, isAccepted }) => `${text} (${isAccepted ? "accepted" : "not"})`)}; ${runs} runs; ${cards.map(
    ({ card, keys }) => `${payloadOf(card)?.run_id} ${card.text.slice(0, 120)} [${keys}]`,
  )}`;

function storiesOf(scene: Scene, asked: readonly Asked[]): Story[] {
  const stories = new Map<string, Story>();
  for (const each of asked) {
    if (each.sort === "aside") continue;
    const story = stories.get(each.name) ?? { name: each.name, asked: [], cards: [], runs: 0 };
    story.asked.push(each);
    stories.set(each.name, story);
  }
  for (const { method, applied, body } of scene.arga.requests) {
    if (method !== "POST" || !applied || body === undefined) continue;
    for (const name of namesIn(body)) {
      const story = stories.get(name);
      if (story) story.runs += 1;
    }
  }
  for (const card of [...ROOMS, ...PROBES].flatMap((channel) => cardsIn(scene, channel)))
    stories.get(nameIn(card))?.cards.push(toldOf(scene, card));
  return [...stories.values()];
}

function toldOf(scene: Scene, card: SlackMessage): Told {
  return {
    card,
    isUnknown: textOf(card).includes("can't tell if it started"),
    hasEnded: ENDED.test(card.text),
    keys: threadUnder(scene, card).map((message) => String(payloadOf(message)?.key)),
  };
}

type Alone = readonly { who: string; message: EphemeralMessage }[];

/** Fewer cards than were accepted, without a word to anybody; or an end that isn't so. */
function isLost({ name, asked, cards, runs }: Story, alone: Alone): boolean {
  const accepted = asked.filter(({ isAccepted }) => isAccepted).length;
  const refused = alone.filter(({ message }) =>
    namesIn([message.text, message.blocks]).includes(name),
  ).length;
  const isWithoutRun =
    cards.some(
      ({ card, hasEnded }) => hasEnded && !/: (?:not started|cancelled|can't tell)/.test(card.text),
    ) && runs === 0;
  return cards.length + refused < accepted || isWithoutRun;
}

/** All that a person was told at that desk, and how many ms after they asked. */
const heard = ({ slack }: Scene, { who, channel, at }: Asked): string =>
  JSON.stringify(
    slack
      .ephemerals(who, channel)
      .map((message) => [message.at - at, message.kind, message.text.slice(0, 100)]),
  );

/** What a person was told at that desk, from then until they asked something else there. */
function answersTo(scene: Scene, asked: Asked, asides: readonly Asked[], alone: Alone): string[] {
  const { who, channel, at } = asked;
  const { id } = scene.slack.channel(channel);
  const next = Math.min(
    ...asides
      .filter((each) => each.who === who && each.channel === channel && each.at > at)
      .map((each) => each.at),
  );
  const isIts = (message: { at: number; channel?: string }): boolean =>
    message.channel === id && message.at >= at && message.at < next;
  const told = alone
    .filter(({ who: reader, message }) => reader === who && isIts(message))
    .filter(({ message: { kind } }) => kind === "response_url" || kind === "postEphemeral" || kind === "ack")
    .map(({ message }) => message.text);
  if (told.length > 0) return told;
  return [
    ...(wasModalOpen(scene, asked) ? ["a modal"] : []),
    ...(isSaidInThread(scene, asked) ? ["its thread"] : []),
  ];
}

/** What was done isn't said again in private when Slack's word on the first try was lost: the thread says it, and by whom. */
function isSaidInThread(scene: Scene, { text, who }: Asked): boolean {
  const [, id] = text.split(" ");
  const cards = [...ROOMS, ...PROBES].flatMap((channel) => cardsIn(scene, channel));
  const card = cards.find((each) => payloadOf(each)?.run_id === id);
  return (
    card !== undefined && threadUnder(scene, card).some((message) => textOf(message).includes(`by ${who}`))
  );
}

/** The logs of a run are shown in a modal, which the next one takes the place of. */
function wasModalOpen({ slack }: Scene, { text, at }: Asked): boolean {
  const [command, id = ""] = text.split(" ");
  if (command !== "logs") return false;
  return slack.log.some(
    (entry) =>
      entry.method === "views.open" &&
      entry.applied &&
      entry.at >= at &&
      JSON.stringify(entry.args).includes(id),
  );
}

/** Notices that stand in a channel twice. */
export function noticesRepeated({ slack }: Scene): string[] {
  return DESKS.flatMap((desk) => {
    const keys = slack
      .messages(desk)
      .map(payloadOf)
      .filter((payload) => payload?.role === "notice")
      .map((payload) => `${desk} ${payload?.run_id} ${payload?.key}`);
    return keys.filter((key, n) => keys.indexOf(key) !== n);
  });
}
