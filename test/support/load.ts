import { setTimeout as sleep } from "node:timers/promises";
import type { SlackMessage } from "../../sim/slack/server.ts";
import { isTaken, payloadOf, textOf } from "./life.ts";
import { PATIENCE_MS } from "./waiting.ts";
import type { World } from "./world.ts";

/** Commands of several kinds, one after the other, and what became of each: seen from outside, by Slack and Arga alone. */

/** Each carries a name by which its card and its run at Arga are known again. All of them end by themselves. */
const LINES: readonly ((name: string) => string)[] = [
  (name) => `test https://shop.example.com ${name} open the shop, check out`,
  (name) => `twins stripe 1 --prompt ${name}`,
  (name) => `validate https://shop.example.com ${name} open the shop`,
  (name) => `agent acme/shop ${name}`,
];

/** Their channels: enough that no card waits long for its turn in one. */
export const LOAD_CHANNELS = Array.from({ length: 10 }, (_, n) => `load${n}`);

interface Asked {
  name: string;
  channel: string;
  at: number;
  /** Slack got its 200 in time, and nobody was told that it wasn't saved. */
  isAccepted: boolean;
  isTold: boolean;
}

/** What became of a command. */
interface Fate extends Asked {
  cards: number;
  runs: number;
  ends: number;
  /** Its card shows an end, with a run at Arga unless it says that there's none. */
  isOver: boolean;
}

export class Load {
  readonly #world: World;
  readonly #asked: Asked[] = [];
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Types so many commands, so many ms apart; resolves when Slack has an answer to each. */
  async type(count: number, apartMs: number): Promise<void> {
    const asking: Promise<void>[] = [];
    for (let n = 0; n < count; n++) {
      asking.push(this.#ask(this.#count++));
      await sleep(apartMs);
    }
    await Promise.all(asking);
  }

  /** Types on until a command has its card that was typed after this began. Returns how long that took, in ms. */
  async untilResumed(apartMs: number): Promise<number> {
    const since = Date.now();
    while (!this.#asked.some((each) => each.at >= since && this.#cardsOf(each).length > 0)) {
      if (Date.now() > since + PATIENCE_MS) throw new Error("no command that was typed later has a card");
      void this.#ask(this.#count++);
      await sleep(apartMs);
    }
    return Date.now() - since;
  }

  async #ask(n: number): Promise<void> {
    const name = `load-${n}-x`;
    const channel = LOAD_CHANNELS[n % LOAD_CHANNELS.length] ?? "";
    const line = LINES[n % LINES.length]?.(name) ?? "";
    const at = Date.now();
    const delivery = await this.#world.slack.command("alice", channel, "/arga", line).catch(() => undefined);
    const isTold = delivery?.shown !== undefined;
    const isAccepted = delivery !== undefined && isTaken(delivery) && !isTold;
    this.#asked.push({ name, channel, at, isTold, isAccepted });
  }

  /** What became of each once all is over, or as it is after `ms`. */
  async fates(ms = PATIENCE_MS): Promise<Fate[]> {
    const end = Date.now() + ms;
    for (;;) {
      const fates = this.#asked.map((each) => this.#fateOf(each));
      if (Date.now() > end || (this.#count === this.#asked.length && fates.every(isWell))) return fates;
      await sleep(100);
    }
  }

  #fateOf(asked: Asked): Fate {
    const { slack, arga } = this.#world;
    const { name, channel, isTold } = asked;
    const cards = this.#cardsOf(asked);
    const [card] = cards;
    const thread = card ? slack.messages(channel, { thread: card.ts }) : [];
    // Arga forgets its runs some time after they ended; what made them stays.
    const runs = arga.requests.filter(
      ({ method, applied, body }) =>
        method === "POST" && applied && JSON.stringify(body ?? "").includes(name),
    ).length;
    const isAnswered = isTold || JSON.stringify(slack.ephemerals("alice")).includes(name);
    return {
      ...asked,
      isTold: isAnswered,
      cards: cards.length,
      runs,
      ends: thread.filter((message) => payloadOf(message)?.key === "ended").length,
      isOver: card !== undefined && ENDED.test(card.text) && (runs > 0 || WITHOUT_RUN.test(card.text)),
    };
  }

  #cardsOf({ name, channel }: Asked): SlackMessage[] {
    return this.#world.slack
      .messages(channel)
      .filter(
        (message) => payloadOf(message)?.role === "card" && textOf(message).toLowerCase().includes(name),
      );
  }
}

const ENDED =
  /: (?:passed|failed|torn down|expired|cancelled|not started|lost contact|can't tell if it started)/;
const WITHOUT_RUN = /: (?:cancelled|not started|can't tell if it started)/;

const isWell = ({ isAccepted, isTold, cards, runs, ends, isOver }: Fate): boolean =>
  cards === 0 ? runs === 0 && (!isAccepted || isTold) : cards === 1 && runs <= 1 && ends === 1 && isOver;

/** Those of which something was lost or came twice; empty if the promises are kept. */
export const broken = (fates: readonly Fate[]): Fate[] => fates.filter((fate) => !isWell(fate));
